//! Having a picture whole.

use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::BytesMut;
use futures_util::StreamExt as _;

use super::{Found, Picture, cache::Place, unavailable};
use crate::{
    app::App,
    error::{Error, Result},
};

/// The picture out of memory, or read into it once for all who ask for it at this moment. None when it must be read
/// piece by piece, because it is too large to be kept or all room is in use.
///
/// Refusals: `PICTURE_DAMAGED` when the object is missing, of another size or altered; it is not kept then.
pub async fn fetch_picture(app: &App, found: &Arc<Found>) -> Result<Option<Arc<Picture>>> {
    match app.cache.seek(found) {
        Place::Kept(picture) => Ok(Some(picture)),
        Place::Reading(reading) => reading.picture(read(app, found)).await.map(Some),
        Place::Store => Ok(None),
    }
}

async fn read(app: &App, found: &Arc<Found>) -> Result<Arc<Picture>> {
    let mut object = found.open(app).await?;
    // No more than an eighth of the cache.
    let mut bytes = BytesMut::with_capacity(usize::try_from(found.size).unwrap_or_default());
    let mut seen = Context::new(&SHA256);
    while let Some(chunk) = object.chunks.next().await {
        let chunk = chunk.map_err(|error| unavailable(&error))?;
        seen.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    if seen.finish().as_ref() != found.digest {
        tracing::error!("the object of a picture has been altered");
        return Err(Error::PictureDamaged);
    }
    Ok(Arc::new(Picture {
        found: Arc::clone(found),
        bytes: bytes.freeze(),
    }))
}
