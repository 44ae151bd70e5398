//! What is in the database, counted.

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, needs, rules};
use crate::conformance::world::{create_table, ended, execute, execution};
use crate::driver::{AppliedState, RecordLocation};

rules!("overview":
    an_empty_database_has_nothing_in_it,
    tables_and_views_are_counted,
    the_record_does_not_count,
    a_record_elsewhere_does_not_count,
    a_name_that_looks_like_the_records_counts,
    an_index_is_no_table,
    schemas_are_told_apart,
);

async fn totals(world: &World) -> Result<(u64, u64), Stop> {
    let overview = world.reader().await?.overview().await?;
    Ok(overview.iter().fold((0, 0), |(tables, views), schema| {
        (tables + schema.tables, views + schema.views)
    }))
}

/// The database's own tables and views are not told.
async fn an_empty_database_has_nothing_in_it(world: &World) -> Verdict {
    let totals = totals(world).await?;
    ensure!(totals == (0, 0), "{totals:?}");
    world.untouched()
}

/// Each table and each view counts once.
async fn tables_and_views_are_counted(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let make = [
        create_table("one"),
        create_table(&(world.samples().identifier)("Two's")),
        create_table("three"),
        "CREATE VIEW seen AS SELECT id FROM one".to_owned(),
        "DROP TABLE three".to_owned(),
    ];
    done(execute(session.as_mut(), make).await)?;
    let totals = totals(world).await?;
    ensure!(totals == (2, 1), "{totals:?}");
    Ok(())
}

/// dbvc's own tables and views are left out, full or empty.
async fn the_record_does_not_count(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let end = ended(AppliedState::Applied);
    locked.session.record(&fence, &execution("1.0.0"), &end).await?;
    let totals = totals(world).await?;
    ensure!(totals == (0, 0), "{totals:?}");
    Ok(())
}

/// So they are where the target puts them elsewhere.
async fn a_record_elsewhere_does_not_count(world: &World) -> Verdict {
    let place = RecordLocation {
        schema: "Else's".into(),
        prefix: "Else's_".into(),
    };
    let target = world.target().clone().with_record(place);
    let mut session = world.driver.connect(&target).await?;
    session.install(&crate::conformance::world::identity()).await?;
    let overview = session.overview().await?;
    let tables: u64 = overview.iter().map(|schema| schema.tables + schema.views).sum();
    ensure!(tables == 0, "{overview:?}");
    Ok(())
}

/// A table of the user's whose name only begins like the record's counts.
async fn a_name_that_looks_like_the_records_counts(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    done(
        execute(
            session.as_mut(),
            [
                create_table("version_controls"),
                create_table("versionXcontrolYx"),
            ],
        )
        .await,
    )?;
    let totals = totals(world).await?;
    ensure!(totals == (2, 0), "{totals:?}");
    Ok(())
}

/// Indexes are neither tables nor views.
async fn an_index_is_no_table(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let make = [
        create_table("one"),
        "CREATE INDEX one_name ON one (name)".to_owned(),
    ];
    done(execute(session.as_mut(), make).await)?;
    let totals = totals(world).await?;
    ensure!(totals == (1, 0), "{totals:?}");
    Ok(())
}

/// Where the database has schemas each is told with what is in it, an empty one, too.
async fn schemas_are_told_apart(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    needs(session.capabilities().schemas, "schemas")?;
    let make = [
        "CREATE SCHEMA sales".to_owned(),
        "CREATE SCHEMA \"Empty's\"".to_owned(),
        create_table("sales.one"),
        create_table("sales.two"),
        "CREATE VIEW sales.seen AS SELECT id FROM sales.one".to_owned(),
    ];
    done(execute(session.as_mut(), make).await)?;
    let overview = session.overview().await?;
    let of = |name: &str| {
        overview
            .iter()
            .find(|schema| schema.name == name)
            .map(|it| (it.tables, it.views))
    };
    ensure!(
        of("sales") == Some((2, 1)) && of("Empty's") == Some((0, 0)),
        "{overview:?}"
    );
    ensure!(of("version_control").is_none(), "{overview:?}");
    Ok(())
}
