//! The compared engines differ only in their concurrency model.

use std::iter::zip;

const SEQ: &str = include_str!("../../seq/src/download_one.rs");
const ASYNC: &str = include_str!("../src/download_one.rs");

#[test]
fn download_one_differs_only_in_async_and_await() {
    assert_eq!(SEQ.lines().count(), ASYNC.lines().count());
    for (seq, tasks) in zip(SEQ.lines(), ASYNC.lines()) {
        let blocking = tasks.replace("async fn", "fn").replace(".await", "");
        let blocking = blocking.replace("flagrace_http_async", "flagrace_http_blocking");
        assert!(blocking == seq || seq.starts_with("//"), "{seq}\n{tasks}");
    }
}

#[test]
fn both_clients_have_the_same_methods_in_the_same_order() {
    let methods = |source: &str| -> Vec<_> {
        let source = source.replace("async fn", "fn");
        let lines = source.lines().filter(|line| line.contains(" pub fn "));
        lines.map(str::to_owned).collect()
    };
    let client = methods(include_str!("../../http-blocking/src/client.rs"));
    let twin = methods(include_str!("../../http-async/src/client.rs"));
    assert_eq!((&client, client.len()), (&twin, 2));
    let session = methods(include_str!("../../http-blocking/src/session.rs"));
    let twin = methods(include_str!("../../http-async/src/session.rs"));
    assert_eq!((&session, session.len()), (&twin, 5));
}
