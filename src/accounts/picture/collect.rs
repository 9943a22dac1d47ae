//! Removing objects that nobody names any more.

use std::time::Duration;

use sea_orm::EntityTrait as _;

use super::Variant;
use crate::{
    app::App,
    backend::objects::ObjectError,
    error::Result,
    store::{picture, upload_ticket},
};

/// Pictures taken out at a time.
const BATCH: u64 = 50;

/// When a picture whose objects could not be removed is tried again.
const AGAIN: Duration = Duration::from_mins(5);

/// Removes the objects of replaced and deleted pictures, of deleted accounts, and of uploads that were never finished;
/// and tickets that have expired. Returns how many pictures are gone for good.
///
/// The rows are the durable list of what is to be done, so a store that is down only puts it off.
pub async fn collect_pictures(app: &App) -> Result<u64> {
    let now = app.clock.now().millis();
    upload_ticket::Entity::sweep(&app.db, now).await?;
    let mut removed = 0;
    loop {
        let due = picture::Entity::claim(&app.db, now, BATCH, AGAIN).await?;
        let is_last = (due.len() as u64) < BATCH;
        for row in due {
            if let Err(error) = remove(app, &row).await {
                tracing::warn!(%error, "objects are left for later");
                return Ok(removed);
            }
            picture::Entity::delete_by_id(row.id).exec(&app.db).await?;
            removed += 1;
        }
        if is_last {
            return Ok(removed);
        }
    }
}

async fn remove(app: &App, row: &picture::Model) -> Result<(), ObjectError> {
    for variant in Variant::ALL {
        app.objects.delete(&variant.key(row)).await?;
    }
    Ok(())
}
