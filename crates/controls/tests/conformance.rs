//! The suite, for the controls.

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_controls::{AsyncUreq, ThreadsAgents, ThreadsReqwest};

suite!(
    threads_reqwest,
    Subject {
        build: |setup| Ok(Box::new(ThreadsReqwest::new(setup)?)),
        concurrency: |asked| asked,
        connections: Connections::Reused,
    }
);

suite!(
    async_ureq,
    Subject {
        build: |setup| Ok(Box::new(AsyncUreq::new(setup)?)),
        concurrency: |asked| asked,
        connections: Connections::Reused,
    }
);

suite!(
    threads_agents,
    Subject {
        build: |setup| Ok(Box::new(ThreadsAgents::new(setup)?)),
        concurrency: |asked| asked,
        connections: Connections::Reused,
    }
);
