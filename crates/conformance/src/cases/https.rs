//! Flags and lists of URLs over https.

use std::sync::Arc;
use std::time::Duration;

use flagrace_core::{Failure, Job, Setup, Status, Timeouts};

use super::urls::{a_mixed_list, assert_statuses, job};
use crate::Subject;
use crate::harness::*;
use crate::site::{Site, trusting};

const CANCELLED: Status = Status::Failed(Failure::Cancelled);

/// The same over https, from a server that the setup trusts.
pub fn urls_over_https_are_kept_under_names_of_their_own(subject: &Subject) {
    a_mixed_list(subject, &Site::https(), for_https());
}

/// One list, two servers, one of them over https: what the setup has for https does not
/// change http.
pub fn a_list_may_name_http_and_https(subject: &Subject) {
    let (plain, secure) = (Site::http(), Site::https());
    let engine = subject.engine_with(&for_https());
    let list: Vec<_> = (0..40)
        .map(|n| [&plain, &secure][n % 2].url(&format!("/{n}")))
        .collect();
    let report = download(&engine, &job(&list));
    assert_statuses(&report, &[Status::Ok; 40]);
    assert_eq!((plain.asked().len(), secure.asked().len()), (20, 20));
}

/// A handshake takes longer than many an answer: https without keep-alive would be a race of
/// handshakes.
pub fn connections_over_https_are_used_again(subject: &Subject) {
    let site = Site::https();
    let engine = subject.engine_with(&for_https());
    let concurrency = engine.concurrency();
    let list: Vec<_> = (0..100).map(|n| site.url(&format!("/{n}"))).collect();
    for _ in 0..2 {
        let report = download(&engine, &job(&list));
        assert_statuses(&report, &[Status::Ok; 100]);
    }
    subject.assert_bounded(site.connections(), 200, concurrency);
}

/// Flags, from a server that is asked over https.
pub fn flags_may_be_asked_for_over_https(subject: &Subject) {
    let site = Site::https();
    let engine = subject.engine_with(&for_https());
    let job = Job::new(site.base_url(), codes(["BR", "FR"]));
    let (report, files) = download_files(&engine, &job);
    assert_predicted(&report, |_| Status::Ok);
    assert_eq!(files["br.gif"], b"/flags/br/br.gif");
}

/// The server's certificate is sound, and nobody whom the setup trusts has signed it.
pub fn a_server_that_is_not_trusted_is_a_transport_failure(subject: &Subject) {
    let setup = Setup {
        tls: Some(Arc::default()),
        ..Setup::default()
    };
    assert_refused(subject, &setup, &Site::https(), "UnknownIssuer");
}

/// The certificate is signed by whom the setup trusts, for another server.
pub fn a_certificate_for_another_name_is_a_transport_failure(subject: &Subject) {
    let site = Site::https_named("example.org");
    assert_refused(subject, &for_https(), &site, "not valid for name");
}

/// An engine whose setup says nothing of https asks nothing over https.
pub fn https_that_the_setup_has_not_is_a_transport_failure(subject: &Subject) {
    assert_refused(subject, &Setup::default(), &Site::https(), "");
}

/// A server that accepts the connection and never answers to TLS. The time for a connection
/// is for TLS too.
pub fn a_handshake_that_never_ends_is_a_timeout(subject: &Subject) {
    let site = Site::mute();
    let engine = subject.engine_with(&Setup {
        timeouts: Timeouts {
            connect: Duration::from_millis(200),
            // Longer than a case may take: it is not this one that passes.
            request: 2 * PATIENCE,
        },
        ..for_https()
    });
    let report = download(&engine, &job(&[site.url("/")]));
    assert_statuses(&report, &[Status::Failed(Failure::Timeout)]);
}

/// The job is cancelled while every slot waits for an answer over https.
pub fn cancelled_requests_over_https_end(subject: &Subject) {
    all_wait_until_cancelled(subject, &Site::https());
}

/// The job is cancelled while every slot is in the middle of a handshake.
pub fn cancelled_handshakes_end(subject: &Subject) {
    all_wait_until_cancelled(subject, &Site::mute());
}

fn all_wait_until_cancelled(subject: &Subject, site: &Site) {
    let engine = subject.engine_with(&for_https());
    let concurrency = engine.concurrency();
    let list: Vec<_> = (0..20).map(|n| site.url(&format!("/stall/{n}"))).collect();
    let job = job(&list);
    let all_wait = || site.waiting() == concurrency;
    let report = download_until(&engine, &job, "all slots wait", all_wait);
    assert_statuses(&report, &[CANCELLED; 20]);
    // The connections were closed, not abandoned.
    wait_until("nobody waits any more", || site.waiting() == 0);
}

/// Both URLs of a site fail for the same reason, which is told, and nothing is asked for.
fn assert_refused(subject: &Subject, setup: &Setup, site: &Site, why: &str) {
    let engine = subject.engine_with(setup);
    let report = download(&engine, &job(&[site.url("/a"), site.url("/b")]));
    assert_statuses(&report, &[Status::Failed(Failure::Transport); 2]);
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
