//! The files of a pair differ as little as possible: the diff is the lesson.

use rstest::rstest;
use similar::{ChangeTag, TextDiff};

#[rstest]
#[case(include_str!("../src/blocking.rs"), include_str!("../src/nonblocking.rs"), 37)]
#[case(include_str!("../src/threads.rs"), include_str!("../src/tasks.rs"), 116)]
#[case(include_str!("../../spinner/src/thread.rs"), include_str!("../../spinner/src/task.rs"), 40)]
#[case(include_str!("../../chars/src/thread.rs"), include_str!("../../chars/src/task.rs"), 30)]
// The first line, the mistake, and a comment.
#[case(include_str!("../../lessons/src/callbacks/nested.rs"), include_str!("../../lessons/src/callbacks/forgotten.rs"), 5)]
fn a_pair_differs_only_in_the_model(#[case] left: &str, #[case] right: &str, #[case] most: usize) {
    let diff = TextDiff::from_lines(left, right);
    // The lines that `diff` marks with `<` or `>`.
    let changes = diff.iter_all_changes();
    let changed = changes.filter(|one| one.tag() != ChangeTag::Equal).count();
    assert!(changed <= most, "{changed} lines differ");
}
