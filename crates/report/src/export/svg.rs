//! The two plots, both of times. How they are drawn is in `plot`.

use super::Exporter;
use crate::error::Error;
use crate::plot;
use crate::quantity::Quantity;
use crate::run::{Group, Run};

/// Wall time by the server's delay: the group `latency`.
#[derive(Debug, Clone, Copy)]
pub struct WallByDelay;

/// Wall time by concurrency: the group `concurrency`.
#[derive(Debug, Clone, Copy)]
pub struct WallByConcurrency;

impl Exporter for WallByDelay {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        times(run, "latency").map_or(Ok(None), |group| plot::delay::draw(&run.meta, group))
    }
}

impl Exporter for WallByConcurrency {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        times(run, "concurrency")
            .map_or(Ok(None), |group| plot::concurrency::draw(&run.meta, group))
    }
}

/// The group of that name, if it is one of times: an axis of seconds has no place for
/// bytes, whatever their group is called.
fn times<'a>(run: &'a Run, name: &str) -> Option<&'a Group> {
    run.group(name)
        .filter(|group| group.quantity == Quantity::Time)
}
