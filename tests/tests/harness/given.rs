//! A server for the kit's rules, and addresses beside the right one.

use dbvc_engine::conformance::{Planted, Unavailable};
use dbvc_engine::driver::Target;
use dbvc_tests::servers::{Shareable, shared_or_reason};

/// The one server of this kind that all rules share.
pub(crate) fn server<S: Shareable>() -> Result<&'static S, Unavailable> {
    shared_or_reason::<S>().map_err(|reason| Unavailable::new(reason.to_string()))
}

pub(crate) fn parse(url: &str) -> Result<Target, Unavailable> {
    Target::parse(url).map_err(|error| Unavailable::new(error.to_string()))
}

/// The server's maintenance database, with a part of its address changed.
pub(crate) fn changed<S: Shareable>(change: impl FnOnce(&mut url::Url)) -> Result<Target, Unavailable> {
    let mut url = parse(server::<S>()?.url())?.reveal_url().clone();
    change(&mut url);
    parse(url.as_str())
}

/// The same with a password that the server does not know, of characters that an address writes in another way.
pub(crate) fn planted<S: Shareable>() -> Result<Planted, Unavailable> {
    let password = "pl@nted hunter2+/ü";
    let target = changed::<S>(|url| {
        let _ = url.set_password(Some(password));
    })?;
    Ok(Planted {
        target,
        password: password.to_owned(),
    })
}
