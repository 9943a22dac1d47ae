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

/// Pictures that could not be removed until the rest is left for the next time.
const FAILURES: u64 = 3;

/// When a picture whose objects could not be removed is tried again.
const AGAIN: Duration = Duration::from_mins(5);

/// Removes the objects of replaced and deleted pictures, of deleted accounts, and of uploads that were never finished;
/// and tickets that have expired. Returns how many pictures are gone for good.
///
/// The rows are the durable list of what is to be done, so a store that is down only puts it off.
pub async fn collect_pictures(app: &App) -> Result<u64> {
    let now = app.clock.now().millis();
    upload_ticket::Entity::sweep(&app.db, now).await?;
    let (mut removed, mut failed) = (0, 0);
    loop {
        let due = picture::Entity::claim(&app.db, now, BATCH, AGAIN).await?;
        let is_last = (due.len() as u64) < BATCH;
        for row in due {
            if failed >= FAILURES {
                break;
            }
            if let Err(error) = remove(app, &row).await {
                tracing::warn!(%error, picture = %row.id, "objects are left for later");
                failed += 1;
                continue;
            }
            picture::Entity::delete_by_id(row.id).exec(&app.db).await?;
            removed += 1;
        }
        // One picture that cannot be removed holds up no other; a store that is down is left alone.
        if is_last || failed >= FAILURES {
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
