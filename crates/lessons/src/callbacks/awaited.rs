//! One flag with `await`: the next step is the next line.

use flagrace_core::{DownloadError, Item, metadata};

use super::Io;

/// Downloads one flag. A path that returns no result does not compile.
pub(super) async fn download_one(io: &Io, item: Item) -> Result<(), DownloadError> {
    let image = io.image(item).await?;
    let body = io.metadata(item).await?;
    let country = metadata::country(&body)?;
    io.save(item, country, image).await
}
