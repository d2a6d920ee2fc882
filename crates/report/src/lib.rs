//! Raw results to tables, plots and recorded runs.
