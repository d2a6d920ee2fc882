use flagrace_report::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let run = data::Run::read(std::path::Path::new(&args[2])).unwrap();
    let m = analysis::Margins::default();
    let text = match &*args[1] {
        "short" => print::terminal(&tables::short(&run, m), args[3].parse().unwrap()),
        "full" => print::terminal(&tables::full(&run, m), args[3].parse().unwrap()),
        "md" => print::markdown(&tables::full(&run, m)),
        "csv" => print::csv(&run, m).unwrap(),
        _ => print::json(&run, m).unwrap(),
    };
    println!("{text}");
}
