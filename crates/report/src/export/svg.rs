//! The two plots. How they are drawn is in `plot`.

use super::Exporter;
use crate::error::Error;
use crate::plot;
use crate::run::Run;

/// Wall time by the server's delay: the group `latency`.
#[derive(Debug, Clone, Copy)]
pub struct WallByDelay;

/// Wall time by concurrency: the group `concurrency`.
#[derive(Debug, Clone, Copy)]
pub struct WallByConcurrency;

impl Exporter for WallByDelay {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        run.group("latency")
            .map_or(Ok(None), |group| plot::delay::draw(&run.meta, group))
    }
}

impl Exporter for WallByConcurrency {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        run.group("concurrency")
            .map_or(Ok(None), |group| plot::concurrency::draw(&run.meta, group))
    }
}
