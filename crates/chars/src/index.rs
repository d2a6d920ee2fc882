//! The characters by the words of their names.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// The characters that have a word in their names, in code point order.
pub(crate) static INDEX: LazyLock<HashMap<String, Vec<char>>> = LazyLock::new(|| {
    let mut index = HashMap::<_, Vec<_>>::new();
    for char in '\0'..=char::MAX {
        for word in words(&name(char)) {
            index.entry(word).or_default().push(char);
        }
    }
    index
});

/// Characters, found one at a time.
pub type Matches = Box<dyn Iterator<Item = char> + Send>;

/// The characters whose names have all words of the query, in any case and order.
pub fn find(query: &str) -> Matches {
    let list = |word| INDEX.get(word).map_or(&[][..], Vec::as_slice);
    let mut lists: Vec<_> = words(query).iter().map(list).collect();
    lists.sort_by_key(|list| list.len());
    let rarest = lists.first().copied().unwrap_or_default().iter().copied();
    Box::new(rarest.filter(move |char| lists.iter().all(|list| list.binary_search(char).is_ok())))
}

/// A character as code point, itself and name.
pub fn describe(char: char) -> [String; 3] {
    [
        format!("U+{:04X}", u32::from(char)),
        char.into(),
        name(char),
    ]
}

/// Empty if it has none, as control characters.
fn name(char: char) -> String {
    unicode_names2::name(char).map_or(String::new(), |name| name.to_string())
}

fn words(text: &str) -> BTreeSet<String> {
    let text = text.to_ascii_uppercase().replace('-', " ");
    text.split_whitespace().map(str::to_owned).collect()
}
