//! Flags and lists of URLs over https.

use std::sync::Arc;
use std::time::Duration;

use flagrace_core::{Failure, Job, Setup, Status, Timeouts};

use super::urls::{check_list, job};
use crate::Subject;
use crate::harness::*;
use crate::site::{Site, trusting};

pub fn urls_over_https_are_kept_under_names_of_their_own(subject: &Subject) {
    check_list(subject, &Site::https(), for_https());
}

/// TLS settings do not change http.
pub fn a_list_may_name_http_and_https(subject: &Subject) {
    let (plain, secure) = (Site::http(), Site::https());
    let engine = subject.engine_with(&for_https());
    let url = |n: usize| [&plain, &secure][n % 2].url(&format!("/{n}"));
    let list: Vec<_> = (0..40).map(url).collect();
    assert_all(&download(&engine, &job(&list)), Status::Ok);
    assert_eq!((plain.asked().len(), secure.asked().len()), (20, 20));
}

/// Without keep-alive, https would measure handshakes.
pub fn connections_over_https_are_used_again(subject: &Subject) {
    let site = Site::https();
    let engine = subject.engine_with(&for_https());
    let list: Vec<_> = (0..100).map(|n| site.url(&format!("/{n}"))).collect();
    for _ in 0..2 {
        assert_all(&download(&engine, &job(&list)), Status::Ok);
    }
    subject.assert_bounded(&engine, site.connections(), 200);
}

pub fn flags_may_be_asked_for_over_https(subject: &Subject) {
    let site = Site::https();
    let engine = subject.engine_with(&for_https());
    let job = Job::new(site.base_url(), codes(["BR", "FR"]));
    let (report, files) = download_files(&engine, &job);
    assert_all(&report, Status::Ok);
    assert_eq!(files["br.gif"], b"/flags/br/br.gif");
}

/// Neither by a certificate of an unknown authority nor by one for another name.
pub fn a_server_that_is_not_trusted_is_a_transport_failure(subject: &Subject) {
    let setup = Setup {
        tls: Some(Arc::default()),
        ..Setup::default()
    };
    assert_refused(subject, &setup, &Site::https(), "UnknownIssuer");
    let site = Site::https_named("example.org");
    assert_refused(subject, &for_https(), &site, "not valid for name");
}

pub fn https_without_tls_in_the_setup_is_a_transport_failure(subject: &Subject) {
    assert_refused(subject, &Setup::default(), &Site::https(), "");
}

/// The time limit to connect includes TLS.
pub fn a_handshake_that_never_ends_is_a_timeout(subject: &Subject) {
    let site = Site::mute();
    let engine = subject.engine_with(&Setup {
        timeouts: Timeouts {
            connect: Duration::from_millis(200),
            // Longer than a case may take.
            request: 2 * PATIENCE,
        },
        ..for_https()
    });
    let report = download(&engine, &job(&[site.url("/")]));
    assert_all(&report, Status::Failed(Failure::Timeout));
}

/// Every slot waits for a response, or within a handshake.
pub fn cancelled_requests_over_https_end(subject: &Subject) {
    for site in [Site::https(), Site::mute()] {
        let engine = subject.engine_with(&for_https());
        let list: Vec<_> = (0..20).map(|n| site.url(&format!("/stall/{n}"))).collect();
        let all_wait = || site.waiting() == engine.concurrency();
        let report = download_until(&engine, &job(&list), "all slots wait", all_wait);
        assert_all(&report, CANCELLED);
        // The connections were closed, not abandoned.
        wait_until("no client waits", || site.waiting() == 0);
    }
}

/// Both URLs of a site fail for this reason, and no request is sent.
fn assert_refused(subject: &Subject, setup: &Setup, site: &Site, why: &str) {
    let engine = subject.engine_with(setup);
    let report = download(&engine, &job(&[site.url("/a"), site.url("/b")]));
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
