//! A list of URLs in place of flags, over http and over https.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use flagrace_core::{
    Directory, Failure, Item, Job, Memory, Origin, Report, Setup, Status, Timeouts, UrlList,
};

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, trusting};

const LARGEST: u64 = 1000;
const CANCELLED: Status = Status::Failed(Failure::Cancelled);

/// Two things of one name, one URL twice, one that is not there, one that is too large, and
/// the largest that is not.
pub fn urls_are_kept_under_names_of_their_own(subject: &Subject) {
    a_mixed_list(subject, &Site::http());
}

/// The same over https, from a server that the setup trusts.
pub fn urls_over_https_are_kept_under_names_of_their_own(subject: &Subject) {
    a_mixed_list(subject, &Site::https());
}

/// One list, two servers, one of them over https: what the setup has for https does not
/// change http.
pub fn a_list_may_name_http_and_https(subject: &Subject) {
    let (plain, secure) = (Site::http(), Site::https());
    let engine = subject.engine_with(&for_https(CONCURRENCY));
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
    let engine = subject.engine_with(&for_https(CONCURRENCY));
    let concurrency = engine.concurrency();
    let list: Vec<_> = (0..100).map(|n| site.url(&format!("/{n}"))).collect();
    for _ in 0..2 {
        let report = download(&engine, &job(&list));
        assert_statuses(&report, &[Status::Ok; 100]);
    }
    let most = subject.connections.most(concurrency, 200);
    let made = site.connections();
    println!("{made} connections for 200 requests, {concurrency} at a time");
    assert!((1..=most).contains(&made), "{made} connections, not {most}");
}

/// Flags, from a server that is asked over https.
pub fn flags_may_be_asked_for_over_https(subject: &Subject) {
    let site = Site::https();
    let store = Arc::new(Memory::default());
    let job = Job {
        store: store.clone(),
        ..Job::new(site.base_url(), codes(["BR", "FR"]))
    };
    let engine = subject.engine_with(&for_https(CONCURRENCY));
    assert_predicted(&download(&engine, &job), |_| Status::Ok);
    assert_eq!(store.take()["br.gif"], b"/flags/br/br.gif");
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
    assert_refused(
        subject,
        &for_https(CONCURRENCY),
        &site,
        "not valid for name",
    );
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
        ..for_https(CONCURRENCY)
    });
    let report = download(&engine, &job(&[site.url("/")]));
    assert_statuses(&report, &[Status::Failed(Failure::Timeout)]);
}

/// Nothing is asked for what the job's origin does not have: a URL where flags are, a flag
/// among URLs, and a place behind the last of the list.
pub fn what_the_origin_has_not_is_a_transport_failure(subject: &Subject) {
    let site = Site::http();
    let (engine, _) = subject.engine(CONCURRENCY);
    let flags = Origin::Flags(site.base_url());
    let urls = job(&[site.url("/a")]).origin;
    for (origin, item) in [
        (flags, Item::Url(0)),
        (urls.clone(), Item::Flag(code("BR"))),
        (urls, Item::Url(1)),
    ] {
        let report = download(&engine, &Job::of(origin, [item].into()));
        assert_statuses(&report, &[Status::Failed(Failure::Transport)]);
    }
    assert_eq!(site.asked(), [""; 0]);
}

/// The job is cancelled while every slot waits for an answer over https.
pub fn cancelled_requests_over_https_end(subject: &Subject) {
    all_wait_until_cancelled(subject, &Site::https());
}

/// The job is cancelled while every slot is in the middle of a handshake.
pub fn cancelled_handshakes_end(subject: &Subject) {
    all_wait_until_cancelled(subject, &Site::mute());
}

fn a_mixed_list(subject: &Subject, site: &Site) {
    let cases = [
        ("/a/flag.gif", "0001-flag.gif", Status::Ok),
        ("/missing/flag.gif", "0002-flag.gif", Status::NotFound),
        ("/b/FLAG.gif?size=2", "0003-FLAG.gif", Status::Ok),
        ("/large/1001/x", "0004-x", Status::Failed(Failure::TooLarge)),
        ("/large/1000/x", "0005-x", Status::Ok),
        ("/a/flag.gif", "0006-flag.gif", Status::Ok),
        ("/c/%2e%2e%2fd", "0007-_d", Status::Ok),
    ];
    let folder = tempfile::tempdir().unwrap();
    let list = cases.map(|(path, _, _)| site.url(path));
    let job = Job {
        // It is for flags, and makes no difference here.
        metadata: true,
        store: Arc::new(Directory::create(folder.path()).unwrap()),
        ..job(&list)
    };
    let engine = subject.engine_with(&Setup {
        max_body: LARGEST,
        ..for_https(CONCURRENCY)
    });
    let report = download(&engine, &job);
    assert_statuses(&report, &cases.map(|(_, _, status)| status));

    let mut expected = BTreeMap::new();
    for (outcome, (path, name, status)) in report.outcomes.iter().zip(cases) {
        let body = match path.starts_with("/large/") {
            true => vec![b'x'; LARGEST as usize],
            false => path.as_bytes().to_vec(),
        };
        if status == Status::Ok {
            assert_eq!(outcome.bytes, body.len() as u64, "{path}");
            expected.insert(name.to_owned(), body);
        }
    }
    let names = names_in(folder.path()).into_iter();
    let kept = names.map(|name| {
        let body = std::fs::read(folder.path().join(&name)).unwrap();
        (name, body)
    });
    assert!(kept.collect::<BTreeMap<_, _>>() == expected, "{expected:?}");
    let mut asked = cases.map(|(path, _, _)| path);
    asked.sort_unstable();
    assert_eq!(site.asked(), asked);
}

fn all_wait_until_cancelled(subject: &Subject, site: &Site) {
    let engine = subject.engine_with(&for_https(CONCURRENCY));
    let concurrency = engine.concurrency();
    let list: Vec<_> = (0..20).map(|n| site.url(&format!("/stall/{n}"))).collect();
    let job = job(&list);
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            wait_until("all slots wait", || site.waiting() == concurrency);
            job.cancel.cancel();
        });
        download(&engine, &job)
    });
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

fn for_https(concurrency: usize) -> Setup {
    Setup {
        tls: Some(trusting()),
        ..Setup::with_concurrency(concurrency)
    }
}

fn job(list: &[String]) -> Job {
    Job::of_urls(Arc::new(UrlList::parse(&list.join("\n")).unwrap()))
}

fn assert_statuses(report: &Report, expected: &[Status]) {
    let statuses: Vec<_> = report.outcomes.iter().map(|one| one.status).collect();
    assert_eq!(statuses, expected, "{:?}", report.outcomes);
}
