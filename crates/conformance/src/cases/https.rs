//! URLs over https.

use std::sync::Arc;
use std::time::Duration;

use flagrace_core::{Failure, Setup, Status};

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, trusting};

/// Without keep-alive, https would mostly measure handshakes.
pub fn connections_over_https_are_reused(subject: &Subject) {
    let site = Site::https();
    let engine = subject.engine_with(&for_https());
    let list: Vec<_> = (0..100).map(|n| site.url(&format!("/{n}"))).collect();
    for _ in 0..2 {
        assert_all(&download(&engine, &job_of(&list)), Status::Ok);
    }
    subject.assert_bounded(&engine, site.connections(), 200);
}

/// With a certificate of an unknown authority or for another name, or if the setup has no TLS.
pub fn an_untrusted_server_is_a_transport_failure(subject: &Subject) {
    let setup = Setup {
        tls: Some(Arc::default()),
        ..Setup::default()
    };
    assert_refused(subject, &setup, &Site::https(), "UnknownIssuer");
    let site = Site::https_named("example.org");
    assert_refused(subject, &for_https(), &site, "not valid for name");
    assert_refused(subject, &Setup::default(), &Site::https(), "");
}

/// The time limit to connect includes TLS.
pub fn a_handshake_that_never_ends_is_a_timeout(subject: &Subject) {
    let site = Site::mute();
    let mut setup = for_https();
    setup.connect_timeout = Duration::from_millis(200);
    // Longer than a case may take.
    setup.request_timeout = 2 * PATIENCE;
    let engine = subject.engine_with(&setup);
    let report = download(&engine, &job_of(&[site.url("/")]));
    assert_all(&report, Status::Failed(Failure::Timeout));
}

/// Every slot waits for a response, or within a handshake.
pub fn cancelled_requests_over_https_end(subject: &Subject) {
    for site in [Site::https(), Site::mute()] {
        let engine = subject.engine_with(&for_https());
        let list: Vec<_> = (0..20).map(|n| site.url(&format!("/stall/{n}"))).collect();
        let all_wait = || site.waiting() == engine.concurrency();
        let report = download_until(&engine, &job_of(&list), "all slots wait", all_wait);
        assert_all(&report, CANCELLED);
        // Connections must be closed, not abandoned.
        wait_until("no client waits", || site.waiting() == 0);
    }
}

/// Both URLs of a site fail for this reason, without a request.
fn assert_refused(subject: &Subject, setup: &Setup, site: &Site, why: &str) {
    let engine = subject.engine_with(setup);
    let report = download(&engine, &job_of(&[site.url("/a"), site.url("/b")]));
    assert_all(&report, Status::Failed(Failure::Transport));
    for outcome in &report.outcomes {
        let detail = outcome.detail.as_deref().unwrap_or_default();
        assert!(detail.contains(why), "{detail}");
    }
    assert_eq!(site.asked(), [""; 0]);
}

fn for_https() -> Setup {
    Setup {
        tls: Some(trusting()),
        ..Setup::with_concurrency(CONCURRENCY)
    }
}
