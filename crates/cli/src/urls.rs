//! A list of URLs, from a file or from standard input.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, ensure};
use flagrace_core::{UrlList, tls};

/// A list, and the text that it was read from.
pub struct Urls {
    pub text: String,
    pub list: UrlList,
}

/// The list in a file. `-` is standard input.
pub fn read(path: &Path) -> anyhow::Result<Urls> {
    let (name, text) = if path == Path::new("-") {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        ("standard input".to_owned(), read.map(|_| text))
    } else {
        (path.display().to_string(), fs::read_to_string(path))
    };
    let text = text.with_context(|| format!("cannot read the URLs in {name}"))?;
    let list = UrlList::parse(&text).context(name)?;
    ensure!(can_ask(list.needs_tls()), tls::WITHOUT);
    Ok(Urls { text, list })
}

/// Whether this build can ask for what is over https, or is not.
pub fn can_ask(over_https: bool) -> bool {
    cfg!(feature = "https") || !over_https
}
