//! Where boxes stand, and how lines run between them.

/// The height of a box's head.
pub(super) const HEAD: i32 = 24;
/// The height of one line in it.
pub(super) const LINE: i32 = 18;
/// What is left free around and between boxes.
pub(super) const MARGIN: i32 = 24;
/// Between columns of boxes, for the lines.
const GAP: i32 = 70;
/// A column of boxes that would be higher goes on beside itself.
const HIGHEST: i32 = 1400;

/// Where a box stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Place {
    /// A line from this box's side to the nearer side of the other one.
    pub(super) fn path_to(&self, other: &Self) -> String {
        let (from, to) = (self.y + HEAD / 2, other.y + HEAD / 2);
        let right = self.x + self.width;
        let bend = GAP / 2;
        if other.x + other.width <= self.x {
            let end = other.x + other.width;
            format!(
                "M{} {from} C{} {from} {} {to} {end} {to}",
                self.x,
                self.x - bend,
                end + bend
            )
        } else if other.x >= right {
            let end = other.x;
            format!(
                "M{right} {from} C{} {from} {} {to} {end} {to}",
                right + bend,
                end - bend
            )
        } else {
            // Below one another, or itself: around the right side.
            let end = other.x + other.width;
            let out = right.max(end) + bend;
            format!("M{right} {from} C{out} {from} {out} {} {end} {}", to + 8, to + 8)
        }
    }
}

/// Places boxes of these sizes: what others lead to stands to the left of them. `leads` has for each box those that it
/// leads to.
pub(super) fn places(sizes: &[(i32, i32)], leads: &[Vec<usize>]) -> Vec<Place> {
    let levels = levels(leads);
    let mut placed = vec![Place::default(); sizes.len()];
    let mut x = MARGIN;
    for level in 0..=levels.iter().copied().max().unwrap_or(0) {
        let (mut y, mut widest) = (MARGIN, 0);
        for (at, (width, height)) in sizes.iter().enumerate() {
            if levels[at] != level {
                continue;
            }
            if y > MARGIN && y + height > HIGHEST {
                x += widest + GAP;
                (y, widest) = (MARGIN, 0);
            }
            placed[at] = Place {
                x,
                y,
                width: *width,
                height: *height,
            };
            y += height + MARGIN;
            widest = widest.max(*width);
        }
        x += widest + GAP;
    }
    placed
}

/// For each box, the longest way to one that leads nowhere. Where the way goes in a circle, as far as it had been found.
fn levels(leads: &[Vec<usize>]) -> Vec<usize> {
    let mut levels = vec![0; leads.len()];
    // A way without a circle is no longer than there are boxes; a diagram is not that deep.
    for _ in 0..leads.len().min(20) {
        let mut moved = false;
        for (at, to) in leads.iter().enumerate() {
            let others = to.iter().filter(|other| **other != at);
            let level = others.map(|other| levels[*other] + 1).max().unwrap_or(0).min(20);
            if level > levels[at] {
                levels[at] = level;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    // In a circle the levels have run away; what is empty between them is closed up.
    let mut used: Vec<usize> = levels.clone();
    used.sort_unstable();
    used.dedup();
    levels
        .iter()
        .map(|level| used.binary_search(level).unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_lead_to_stands_to_the_left_and_nothing_overlaps() {
        let sizes = [(100, 50); 4];
        let placed = places(&sizes, &[vec![1], vec![2], vec![], vec![3]]);
        assert!(
            placed[2].x < placed[1].x && placed[1].x < placed[0].x,
            "{placed:?}"
        );
        for (at, one) in placed.iter().enumerate() {
            for other in &placed[at + 1..] {
                let apart = one.x + one.width <= other.x
                    || other.x + other.width <= one.x
                    || one.y + one.height <= other.y
                    || other.y + other.height <= one.y;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_circle_ends() {
        let levels = levels(&[vec![1], vec![0], vec![2]]);
        assert!(levels.iter().all(|level| *level < 3), "{levels:?}");
    }
}
