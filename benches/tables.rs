//! Not a benchmark: prints the tables when all groups are done.

fn main() -> anyhow::Result<()> {
    flagrace_benches::print_tables()
}
