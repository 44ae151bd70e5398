//! The audit trail where a role's name is odd.

use dbvc_engine::audit::{ChainCheck, Head, Sealed};
use dbvc_engine::driver::{ChainFilter, LockAttempt, Target};

use crate::place::{Place, driver, identity, request};
use crate::script::{end, execution};

/// PostgreSQL lets a role's name hold all but NUL. A login by password takes fewer (RFC 4013), so the role is renamed when it
/// is in.
#[tokio::test]
async fn a_role_with_control_characters_keeps_the_canonical_form() {
    let Some(place) = Place::new().await else { return };
    let plain = format!("{}_plain", place.name());
    let role = format!(
        "{}\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1b}\u{1f}\u{7f}\"\\u001B é\u{2028}",
        place.name()
    );
    let quoted = format!("\"{}\"", role.replace('"', "\"\""));
    place
        .run(&format!("create role {plain} superuser login password 'hunter2'"))
        .await;
    let mut url = url::Url::parse(&place.url).unwrap();
    url.set_username(&plain).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    let target = Target::parse(url.as_str()).unwrap();
    let mut session = driver().connect(&target).await.unwrap();
    place.run(&format!("alter role {plain} rename to {quoted}")).await;
    session.install(&identity()).await.unwrap();
    let LockAttempt::Acquired(lease) = session.try_lock(&request("odd")).await.unwrap() else {
        panic!("somebody holds the lock");
    };
    session
        .record(&lease.fence, &execution("1"), &end())
        .await
        .unwrap();
    let all = ChainFilter {
        limit: 1000,
        ..ChainFilter::default()
    };
    let mut check = ChainCheck::new("target", None, None);
    let mut logins = Vec::new();
    for row in session.chain(&all).await.unwrap() {
        let key = row.sequence;
        let sealed = Sealed::from(row);
        check.event(Some(key), &sealed);
        logins.extend(sealed.event().map(|event| event.actor.login));
    }
    let head = session.chain_head().await.unwrap().map(Head::from);
    let checked = check.end(head.as_ref());
    assert!(checked.findings.is_empty(), "{:#?}", checked.findings);
    assert_eq!(logins, vec![role; 3]);
    session.close().await.unwrap();
    place
        .run(&format!(
            "reassign owned by {quoted} to current_user; drop owned by {quoted}; drop role {quoted}"
        ))
        .await;
    place.remove().await;
}
