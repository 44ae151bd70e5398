//! Lines of a terminal as a picture.

use std::fmt::Write as _;

use super::ansi::Run;

/// Of one character and one line, in pixels.
const CHARACTER: f32 = 8.0;
const LINE: f32 = 18.0;
const MARGIN: f32 = 16.0;

/// The sixteen colours, on a dark ground.
const COLOURS: [&str; 16] = [
    "#1e1e2e", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#7f848e",
    "#ff7b86", "#b5e08f", "#f5d08b", "#7cc0ff", "#d898ec", "#6fd0dc", "#ffffff",
];

/// Draws the lines. Each run stands at its own place, so that a font of another width cannot shift what follows.
pub(super) fn draw(lines: &[Vec<Run>]) -> String {
    let columns = |line: &Vec<Run>| line.iter().map(|run| run.text.chars().count()).sum::<usize>();
    let widest = lines.iter().map(columns).max().unwrap_or_default();
    let width = place(widest) + MARGIN;
    let height = LINE * as_number(lines.len()) + 2.0 * MARGIN;
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"13.3\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16181d\"/>\n"
    );
    for (row, line) in lines.iter().enumerate() {
        let y = MARGIN + LINE * as_number(row) + 13.0;
        let mut column = 0;
        for run in line {
            let length = run.text.chars().count();
            if !run.text.trim().is_empty() {
                // Writing to a text cannot fail.
                let _ = writeln!(
                    picture,
                    "<text x=\"{}\" y=\"{y}\" xml:space=\"preserve\" textLength=\"{}\" fill=\"{}\"{}>{}</text>",
                    place(column),
                    CHARACTER * as_number(length),
                    run.colour
                        .map_or("#d4d7dd", |colour| COLOURS[usize::from(colour % 16)]),
                    if run.bold { " font-weight=\"bold\"" } else { "" },
                    escaped(&run.text)
                );
            }
            column += length;
        }
    }
    picture + "</svg>\n"
}

fn place(column: usize) -> f32 {
    MARGIN + CHARACTER * as_number(column)
}

/// Lines and columns are few.
fn as_number(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_stands_at_its_column() {
        let run = |text: &str| Run {
            text: text.into(),
            ..Run::default()
        };
        let picture = draw(&[vec![run("ab"), run("<&>")]]);
        assert!(
            picture.contains("x=\"32\"") && picture.contains(">&lt;&amp;&gt;</text>"),
            "{picture}"
        );
    }
}
