//! A flag server on oxhttp: blocking, with a thread for each connection, and not a line
//! of it ours but for the answers. What it serves comes from the catalog directly.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{LazyLock, Mutex};
use std::thread::{self, ThreadId};

use flagrace_core::{BaseUrl, CountryCode};
use oxhttp::Server;
use oxhttp::model::header::LOCATION;
use oxhttp::model::{Body, Request, Response};

/// An answer other than the flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// This status, with a page of words.
    Status(u16),
    /// 418, with a page larger than a client would have read by chance.
    LargePage,
    /// 302, to a flag that is there.
    Redirect,
    /// The flag in chunks, so that its length is not told beforehand.
    Chunked,
}

/// A part of the server that one case has to itself: oxhttp cannot be stopped, so there is
/// one server for all cases of a process.
pub(crate) struct Room {
    name: String,
}

#[derive(Default)]
struct RoomState {
    answers: HashMap<CountryCode, Answer>,
    asked: Vec<String>,
    /// oxhttp has a thread for each connection, and none that it uses again.
    connections: HashSet<ThreadId>,
}

static ROOMS: LazyLock<Mutex<HashMap<String, RoomState>>> = LazyLock::new(Mutex::default);
static ADDRESS: LazyLock<SocketAddr> = LazyLock::new(start);

impl Room {
    /// A room in which these codes are answered in their own way.
    pub(crate) fn open(answers: impl IntoIterator<Item = (CountryCode, Answer)>) -> Self {
        let state = RoomState {
            answers: answers.into_iter().collect(),
            ..RoomState::default()
        };
        let mut rooms = ROOMS.lock().unwrap();
        let name = format!("room{}", rooms.len());
        rooms.insert(name.clone(), state);
        Self { name }
    }

    /// Where its flags are.
    pub(crate) fn base_url(&self) -> BaseUrl {
        format!("http://{}/{}", *ADDRESS, self.name)
            .parse()
            .unwrap()
    }

    /// Every request so far, as `GET /br/br.gif`, sorted.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = ROOMS.lock().unwrap()[&self.name].asked.clone();
        asked.sort_unstable();
        asked
    }

    /// Over how many connections they came.
    pub(crate) fn connections(&self) -> usize {
        ROOMS.lock().unwrap()[&self.name].connections.len()
    }
}

fn start() -> SocketAddr {
    // oxhttp does not tell which port it got, so it is told one that was just free. A
    // server of another case may take it in between: then the next.
    for _ in 0..100 {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        // Its threads run until the process ends.
        if Server::new(answer).bind(address).spawn().is_ok() {
            return address;
        }
    }
    panic!("no port was free for long enough")
}

fn answer(request: &mut Request<Body>) -> Response<Body> {
    let path = request.uri().path();
    let Some((name, item)) = path.trim_start_matches('/').split_once('/') else {
        return refuse(400);
    };
    let (cc, file) = item.split_once('/').unwrap_or((item, ""));
    let Ok(code) = cc.parse::<CountryCode>() else {
        return refuse(400);
    };
    let special = {
        let mut rooms = ROOMS.lock().unwrap();
        let Some(room) = rooms.get_mut(name) else {
            return refuse(400);
        };
        room.asked.push(format!("{} /{item}", request.method()));
        room.connections.insert(thread::current().id());
        room.answers.get(&code).copied()
    };
    let Some(flag) = flagrace_catalog::find(cc) else {
        return refuse(404);
    };
    let body = if file == "metadata.json" {
        flag.metadata.as_bytes()
    } else if file == format!("{cc}.gif") {
        flag.gif
    } else {
        return refuse(404);
    };
    match special {
        Some(Answer::Status(status)) => refuse(status),
        Some(Answer::LargePage) => Response::builder()
            .status(418)
            .body(Body::from(vec![b' '; 500_000]))
            .unwrap(),
        Some(Answer::Redirect) => Response::builder()
            .status(302)
            .header(LOCATION, format!("/{name}/br/br.gif"))
            .body(Body::from("over there"))
            .unwrap(),
        Some(Answer::Chunked) => Response::new(Body::from_read(body)),
        None => Response::new(Body::from(body)),
    }
}

fn refuse(status: u16) -> Response<Body> {
    let page = Body::from("a page that is no flag");
    Response::builder().status(status).body(page).unwrap()
}
