//! A list of URLs, from a file or from standard input.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, ensure};
use flagrace_core::{UrlList, tls};

/// A list, and the text that it was read from.
pub struct Urls {
    pub text: String,
    pub list: UrlList,
}

/// Reads the list in a file; `-` is standard input.
pub fn read(path: &Path) -> anyhow::Result<Urls> {
    let (name, text) = if path == Path::new("-") {
        ("standard input".to_owned(), io::read_to_string(io::stdin()))
    } else {
        (path.display().to_string(), fs::read_to_string(path))
    };
    let text = text.with_context(|| format!("cannot read the URLs in {name}"))?;
    let list = UrlList::parse(&text).context(name)?;
    ensure!(can_ask(list.needs_tls()), tls::WITHOUT);
    Ok(Urls { text, list })
}

/// Whether this build can send a request: https is a feature.
pub fn can_ask(https: bool) -> bool {
    cfg!(feature = "https") || !https
}
