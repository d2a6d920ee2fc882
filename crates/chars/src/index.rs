//! The characters by the words of their names.

use std::collections::HashMap;
use std::slice;
use std::sync::LazyLock;

use serde::Serialize;

/// From each word to the characters with it in their names, in code point order.
static INDEX: LazyLock<HashMap<String, Vec<char>>> = LazyLock::new(|| {
    let mut index = HashMap::<String, Vec<char>>::new();
    for character in '\0'..=char::MAX {
        let Some(name) = unicode_names2::name(character) else {
            continue;
        };
        for word in words(&name.to_string()) {
            match index.get_mut(word) {
                // A name may have a word twice.
                Some(characters) if characters.last() == Some(&character) => {}
                Some(characters) => characters.push(character),
                None => _ = index.insert(word.to_owned(), vec![character]),
            }
        }
    }
    index
});

/// Builds the index, unless it is built.
pub(crate) fn build() {
    LazyLock::force(&INDEX);
}

/// The characters whose names have every word of the query, in any case and order.
pub fn find(query: &str) -> Matches {
    let query = query.to_ascii_uppercase();
    let mut words: Vec<_> = words(&query).collect();
    words.sort_unstable();
    words.dedup();
    let lists = words.iter().map(|word| INDEX.get(*word));
    let mut lists: Vec<&[char]> = lists
        .map(|list| list.map_or(&[][..], |list| list))
        .collect();
    lists.sort_unstable_by_key(|list| std::cmp::Reverse(list.len()));
    let rarest = lists.pop().unwrap_or_default().iter();
    Matches {
        rarest,
        others: lists,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|one: char| one == '-' || one.is_whitespace());
    words.filter(|word| !word.is_empty())
}

/// A character as it is shown.
#[derive(Debug, Serialize)]
pub struct Character {
    /// The code point: `U+0041`.
    pub code: String,
    /// The character itself.
    pub char: char,
    /// The name in the Unicode standard.
    pub name: String,
}

impl From<char> for Character {
    fn from(char: char) -> Self {
        Self {
            code: format!("U+{:04X}", u32::from(char)),
            char,
            name: unicode_names2::name(char).map_or(String::new(), |name| name.to_string()),
        }
    }
}

/// The characters that match, found one at a time.
#[derive(Debug)]
pub struct Matches {
    /// The characters of the word that has the fewest.
    rarest: slice::Iter<'static, char>,
    others: Vec<&'static [char]>,
}

impl Iterator for Matches {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let others = &self.others;
        let matches = |one: &&char| others.iter().all(|list| list.binary_search(one).is_ok());
        self.rarest.find(matches).copied()
    }
}
