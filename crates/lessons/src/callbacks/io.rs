//! The steps of a download, to be awaited or to call back.

use std::future::Future;
use std::sync::Arc;

use flagrace_core::{DownloadError, Item};
use flagrace_http_async::Session;

/// What hears how a flag ended. The compiler sees to it that it is not called twice, and cannot
/// see to it that it is called at all.
pub(super) type Done = Box<dyn FnOnce(Result<(), DownloadError>) + Send>;

/// The steps. A clone is cheap: every closure needs one of its own, as it can borrow nothing.
#[derive(Clone)]
pub(super) struct Io(Arc<Session>);

impl Io {
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self(session)
    }

    pub(super) fn session(&self) -> &Session {
        &self.0
    }

    pub(super) async fn image(&self, item: Item) -> Result<Vec<u8>, DownloadError> {
        self.body(item, self.0.job().url(item)).await
    }

    pub(super) async fn metadata(&self, item: Item) -> Result<Vec<u8>, DownloadError> {
        let url = self.0.job().origin.metadata_url(item);
        self.body(item, url.unwrap_or_default()).await
    }

    pub(super) async fn save(
        &self,
        item: Item,
        country: String,
        image: Vec<u8>,
    ) -> Result<(), DownloadError> {
        let name = self.0.job().file_name_by_country(item, &country);
        self.0.save(name, image).await
    }

    /// [`image`](Self::image), with a callback.
    pub(super) fn get_image(
        &self,
        item: Item,
        callback: impl FnOnce(Result<Vec<u8>, DownloadError>) + Send + 'static,
    ) {
        let io = self.clone();
        call_back(async move { io.image(item).await }, callback);
    }

    /// [`metadata`](Self::metadata), with a callback.
    pub(super) fn get_metadata(
        &self,
        item: Item,
        callback: impl FnOnce(Result<Vec<u8>, DownloadError>) + Send + 'static,
    ) {
        let io = self.clone();
        call_back(async move { io.metadata(item).await }, callback);
    }

    /// [`save`](Self::save), with a callback.
    pub(super) fn save_then(&self, item: Item, country: String, image: Vec<u8>, callback: Done) {
        let io = self.clone();
        let saving = async move { io.save(item, country, image).await };
        call_back(saving, callback);
    }

    async fn body(&self, item: Item, url: String) -> Result<Vec<u8>, DownloadError> {
        // Its times are of no interest here.
        let mut attempt = self.0.begin(item);
        self.0.get(&url, &mut attempt).await
    }
}

/// Begins a step and returns. The callback runs when the step has ended.
fn call_back<T: 'static>(
    step: impl Future<Output = T> + Send + 'static,
    callback: impl FnOnce(T) + Send + 'static,
) {
    tokio::spawn(async move { callback(step.await) });
}
