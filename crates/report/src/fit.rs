//! What fits on a terminal: tables cut into parts, sentences into lines.

use textwrap::{Options, WordSplitter};

/// The widest line of a paragraph: longer ones are hard to follow, however wide the terminal.
const PARAGRAPH: usize = 100;

/// A table as `draw` draws it of the columns it is given, cut into as few parts as fit into
/// `width` characters, each of which begins with the first column. Without a width, as in a
/// file, it is one part.
pub fn parts(
    columns: usize,
    width: Option<usize>,
    draw: impl Fn(&[usize]) -> String,
) -> Vec<String> {
    let Some(width) = width else {
        return vec![draw(&Vec::from_iter(0..columns))];
    };
    let fits = |part: &str| part.lines().all(|line| line.chars().count() <= width);
    let mut parts = Vec::new();
    let mut chosen = vec![0];
    let mut part = draw(&chosen);
    for column in 1..columns {
        chosen.push(column);
        let wider = draw(&chosen);
        // A single column beside the first stays, for it will not be narrower elsewhere.
        if chosen.len() == 2 || fits(&wider) {
            part = wider;
        } else {
            parts.push(part);
            chosen = vec![0, column];
            part = draw(&chosen);
        }
    }
    parts.push(part);
    parts
}

/// A sentence in lines, the first of which begins with `bullet` and the others under it.
pub fn wrapped(sentence: &str, bullet: &str, width: Option<usize>) -> String {
    let widest = width.map_or(PARAGRAPH, |width| width.min(PARAGRAPH));
    let indent = " ".repeat(bullet.len());
    let form = Options::new(widest)
        .initial_indent(bullet)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(sentence, form) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of ten characters.
    fn draw(chosen: &[usize]) -> String {
        let cells: Vec<String> = chosen.iter().map(|one| format!("{one:>10}")).collect();
        format!("head\n{}\n", cells.concat())
    }

    #[test]
    fn a_table_is_cut_where_it_does_not_fit() {
        let whole = [draw(&[0, 1, 2, 3, 4])];
        assert_eq!(parts(5, None, draw), whole);
        assert_eq!(parts(5, Some(50), draw), whole);
        let two = [draw(&[0, 1, 2, 3]), draw(&[0, 4])];
        assert_eq!(parts(5, Some(49), draw), two);
        assert_eq!(parts(5, Some(40), draw), two);
        let narrowest = [1, 2, 3, 4].map(|column| draw(&[0, column]));
        assert_eq!(parts(5, Some(20), draw), narrowest);
        assert_eq!(
            parts(5, Some(3), draw),
            narrowest,
            "each column at least once"
        );
        assert_eq!(parts(1, Some(3), draw), [draw(&[0])]);
    }

    #[test]
    fn a_sentence_keeps_its_words() {
        let sentence = "every word of it, however narrow the terminal may be";
        for width in [None, Some(1), Some(20), Some(500)] {
            let lines = wrapped(sentence, "- ", width);
            let words: Vec<&str> = lines.split_whitespace().collect();
            assert_eq!(words[1..].join(" "), sentence);
            let widest = lines.lines().map(str::len).max();
            let most = width.unwrap_or(100).max("- terminal".len());
            assert!(widest <= Some(most), "{lines}");
        }
    }
}
