//! Reading a picture.

use std::sync::Arc;

use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::{Variant, cache::Name, upload::unavailable};
use crate::{
    accounts::Principal,
    app::App,
    backend::{
        Timestamp,
        objects::{Object, ObjectError},
    },
    error::{Error, Result},
    store::picture,
};

/// One form of the picture that an account has.
#[derive(Debug)]
pub struct Found {
    /// The media type.
    pub content_type: String,
    /// Bytes of this form.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub digest: Vec<u8>,
    /// The name of the picture.
    pub etag: String,
    /// Width of this form, in pixels.
    pub width: i32,
    /// Height of this form, in pixels.
    pub height: i32,
    /// When it was uploaded.
    pub updated_at: Timestamp,
    id: Uuid,
    variant: Variant,
    key: String,
}

/// Finds a form of the picture that the caller's account has at this moment.
///
/// Which one it has, the account says, of which nothing has changed since it was read. What a picture is never changes, so
/// that one whose bytes are in memory needs no statement.
///
/// Refusals: `PICTURE_NOT_FOUND`.
pub async fn find_picture(
    app: &App,
    principal: &Principal,
    variant: Variant,
) -> Result<Arc<Found>> {
    let id = principal.account.picture_id.ok_or(Error::PictureNotFound)?;
    if let Some(picture) = app.cache.get((id, variant)) {
        return Ok(Arc::clone(&picture.found));
    }
    // It was replaced and removed since the account was read: read again, the account names another.
    let row = picture::Entity::find_by_id(id)
        .one(&app.db)
        .await?
        .ok_or(Error::Conflict)?;
    let (size, digest) = variant.stored(&row);
    let (width, height) = variant.dimensions(&row);
    Ok(Arc::new(Found {
        id,
        variant,
        size: u64::try_from(size).unwrap_or_default(),
        digest: digest.to_vec(),
        etag: etag(id),
        width,
        height,
        updated_at: Timestamp::from_millis(principal.account.picture_at.unwrap_or_default()),
        key: variant.key(&row),
        content_type: row.content_type,
    }))
}

/// What the contract calls a picture by.
pub fn etag(id: Uuid) -> String {
    id.simple().to_string()
}

impl Found {
    /// What the cache knows it by.
    pub(super) const fn name(&self) -> Name {
        (self.id, self.variant)
    }

    /// Whether no newer picture has taken its place since it was found.
    async fn is_current(&self, app: &App) -> Result<bool> {
        let row = picture::Entity::find_by_id(self.id).one(&app.db).await?;
        Ok(row.is_some_and(|row| row.account_id.is_some() && row.remove_at.is_none()))
    }

    /// Begins to read it. What comes must still be compared with `digest`.
    ///
    /// Refusals: `PICTURE_DAMAGED` when the object is missing or of another size.
    pub async fn open(&self, app: &App) -> Result<Object> {
        let object = match app.objects.get(&self.key).await {
            Ok(object) => object,
            Err(ObjectError::Missing) if !self.is_current(app).await? => {
                return Err(Error::Conflict);
            }
            Err(ObjectError::Missing) => {
                tracing::error!(key = self.key, "the object of a picture is missing");
                return Err(Error::PictureDamaged);
            }
            Err(error) => return Err(unavailable(&error)),
        };
        if object.size != self.size {
            tracing::error!(key = self.key, "the object of a picture has another size");
            return Err(Error::PictureDamaged);
        }
        Ok(object)
    }
}
