//! criterion's groups as text: all tables as Markdown, some for a terminal, and the short table
//! that `cargo bench` ends with.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table as Grid, TableStyle,
};
use textwrap::{Options, WordSplitter};

use crate::format;
use crate::old_page as page;
use crate::run::{Group, Run};
use crate::stats::{self, Summary};
use crate::table;

/// The widest line of a paragraph: longer ones are hard to follow, however wide the terminal.
const WIDEST: usize = 100;

/// Lines above and below the head, and at the end; between rows they would take as much room
/// as the numbers.
const LINES: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('═').junction('═'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// The columns of the short table: a group, its scenario, and the head.
const SHORT: [(&str, &str, &str); 6] = [
    ("latency", "0", "20 flags\nno delay"),
    ("latency", "10", "20 flags\n10 ms"),
    ("latency", "50", "20 flags\n50 ms"),
    ("concurrency", "20", "20 at a\ntime"),
    ("concurrency", "100", "100 at a\ntime"),
    ("concurrency", "1000", "1,000 at a\ntime"),
];

/// Its rows.
const ENGINES: [&str; 5] = ["seq", "threads", "rayon", "async", "async-multi"];

/// Every table, with the machine and the command above them.
#[must_use]
pub fn markdown(run: &Run) -> String {
    let mut parts = vec![
        format!(
            "# One call at a time: run of {} on {}\n",
            page::day(&run.meta),
            page::text(&run.meta.host)
        ),
        page::machine(&run.meta),
        page::HOW_TO_READ.join("\n") + "\n",
    ];
    parts.extend(run.groups.iter().map(|group| page::table(group, "##")));
    parts.join("\n")
}

/// Tables for a terminal of that many characters, without colours: they read the same in a log.
#[must_use]
pub fn terminal(groups: &[Group], width: Option<u16>) -> String {
    let tables = groups.iter().map(|group| {
        let table = table::build(group);
        let mut grid = grid(width);
        let axis = group.scenario_axis.as_str();
        grid.set_header([axis, "engine", "median", "interval", "ratio"]);
        for row in &table.rows {
            let Some(unit) = page::row_unit(table.quantity, row) else {
                continue;
            };
            for (engine, entry) in table.engines.iter().zip(&row.cells) {
                let Some(table::Entry { summary, ratio }) = entry else {
                    continue;
                };
                let (median, spread) = format::amount(unit, summary.median, summary.spread());
                let ratio = ratio.map_or_else(|| "-".to_owned(), format::ratio);
                grid.add_row([&row.scenario, engine, &median, &spread, &ratio]);
            }
        }
        for column in grid.column_iter_mut().skip(1) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        set_columns(&mut grid, |at| at < 2);
        let note = wrapped(&page::sample_note(&table), "", width);
        format!("{}\n{}\n{note}", group.title, grid.trim_fmt())
    });
    tables.collect::<Vec<String>>().join("\n")
}

/// The engines by the scenarios of a newcomer's first question, and what the numbers are.
#[must_use]
pub fn short(run: &Run, width: Option<u16>) -> String {
    let mut grid = grid(width);
    grid.set_header(["engine"].into_iter().chain(SHORT.map(|(_, _, head)| head)));
    for engine in ENGINES {
        let cells = SHORT.map(|(group, scenario, _)| {
            let mut cells = run.group(group)?.cells.iter();
            let cell = cells.find(|cell| cell.engine == engine && cell.scenario == scenario)?;
            stats::summarise(&cell.samples)
        });
        let texts = cells.map(|cell| cell.map_or_else(|| "-".to_owned(), |cell| median(&cell)));
        grid.add_row([engine.to_owned()].into_iter().chain(texts));
    }
    set_columns(&mut grid, |at| at < 1);
    let note = "Wall time: the median, and how far its 95 % interval reaches. On the left 20 flags, 20 \
                at a time; on the right all flags, which take the server 5 ms each. criterion \
                measures one engine after another, so that there is no verdict: `flagrace compare` \
                measures in turns.";
    let quick = match run.meta.quick {
        true => {
            " A quick run: every fifth flag where all are raced, and too few samples for an interval."
        }
        false => "",
    };
    let note = wrapped(&format!("{note}{quick}"), "", width);
    format!("{}\n{note}", grid.trim_fmt())
}

/// A median in its own unit, and the farther end of its interval in per cent of it.
fn median(cell: &Summary) -> String {
    let median = format::seconds(cell.median);
    match cell.interval {
        Some(ends) => {
            let reach = (ends.high - cell.median).max(cell.median - ends.low) / cell.median;
            format!("{median}\n±{:.0} %", reach * 100.0)
        }
        None => median,
    }
}

/// An empty table. On a terminal of `width` characters, wider cells are wrapped.
pub(crate) fn grid(width: Option<u16>) -> Grid {
    let mut grid = Grid::new();
    grid.load_style(LINES);
    if let Some(width) = width {
        grid.set_content_arrangement(ContentArrangement::Dynamic);
        grid.set_width(width);
    }
    grid
}

/// Sets the columns as close as can be read; those of numbers end at the right.
pub(crate) fn set_columns(grid: &mut Grid, is_words: impl Fn(usize) -> bool) {
    for (at, column) in grid.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if !is_words(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// A sentence in lines, the first of which begins with `bullet` and the others under it.
pub(crate) fn wrapped(sentence: &str, bullet: &str, width: Option<u16>) -> String {
    let indent = " ".repeat(bullet.len());
    let form = Options::new(width.map_or(WIDEST, |width| WIDEST.min(width.into())))
        .initial_indent(bullet)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(sentence, form) + "\n"
}
