//! A key is shown nowhere.

use super::sink_rules;
use crate::conformance::Unavailable;
use crate::conformance::rule::{Stop, Verdict, ensure};
use crate::conformance::sinks::{SinkPlanted, SinkWorld};

sink_rules!("secrets":
    a_secret_is_not_in_the_error,
    a_secret_is_not_in_what_the_check_says,
    a_secret_is_not_in_the_sinks_texts,
);

async fn planted(world: &SinkWorld) -> Result<SinkPlanted, Stop> {
    let planted = world.harness.planted().await;
    planted.map_err(|Unavailable(reason)| Stop::NotApplicable(reason))
}

fn silent(secret: &str, texts: &[String]) -> Verdict {
    for text in texts {
        ensure!(
            !text.contains(secret),
            "the secret is in: {}",
            text.replace(secret, "<HERE>")
        );
    }
    Ok(())
}

/// Neither the message nor a note, a code or `Debug` of an error tells it, whichever call fails.
async fn a_secret_is_not_in_the_error(world: &SinkWorld) -> Verdict {
    let SinkPlanted { target, secret } = planted(world).await?;
    let provided = world.driver.provision(&target).await.err();
    let opened = match world.driver.open(&target).await {
        Err(error) => Some(error),
        Ok(mut sink) => sink.head("shop").await.err(),
    };
    ensure!(
        provided.is_some() && opened.is_some(),
        "a wrong secret was accepted"
    );
    let texts: Vec<String> = [provided, opened]
        .iter()
        .flatten()
        .map(|error| format!("{error} {error:?} {error:#?}"))
        .collect();
    silent(&secret, &texts)
}

/// A check that refuses an option does not repeat what is secret beside it.
async fn a_secret_is_not_in_what_the_check_says(world: &SinkWorld) -> Verdict {
    let SinkPlanted { mut target, secret } = planted(world).await?;
    target
        .options
        .insert("no_such_option".into(), crate::driver::Secret::new("1"));
    match world.driver.check(&target) {
        Ok(()) => Err(Stop::broken("an unknown option was accepted")),
        Err(error) => silent(&secret, &[format!("{error} {error:?}")]),
    }
}

/// `Debug` of an open sink and of its description hide what it was opened with.
async fn a_secret_is_not_in_the_sinks_texts(world: &SinkWorld) -> Verdict {
    let SinkPlanted { target, secret } = planted(world).await?;
    silent(&secret, &[format!("{target:?} {:?}", world.driver)])?;
    let sink = world.sink().await?;
    let told = format!("{sink:?} {sink:#?} {:?}", world.target());
    let own = world.target();
    let secrets = own
        .options
        .iter()
        .filter(|(name, _)| ["account_key", "password", "client_secret"].contains(&name.as_str()));
    for (_, value) in secrets {
        silent(value.reveal(), std::slice::from_ref(&told))?;
    }
    Ok(())
}
