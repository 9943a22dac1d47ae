//! Scenes with pictures, and those that change nothing.

use std::time::Duration;

use accountd::proto::{self, upload_profile_picture_request::Header};

use super::{
    super::ask::{Ask, Message},
    Scene, Stage, ask,
};
use crate::support::{client::Client, pictures, samples};

pub(super) async fn picture(scene: Scene, stage: &Stage, owner: &Client, id: &str) -> Ask {
    let request_id = id.to_owned();
    let has_one = matches!(
        scene,
        Scene::ReplacePicture | Scene::DeletePicture | Scene::DownloadPicture
    );
    if has_one {
        pictures::upload(owner, &samples::png(32, 24))
            .await
            .unwrap();
        stage.pass(Duration::from_secs(1)).await;
    }
    let message = match scene {
        Scene::GetCurrent => Message::GetCurrent,
        Scene::ListSessions => Message::ListSessions,
        Scene::DownloadPicture => Message::Download,
        Scene::DeletePicture => Message::DeletePicture(proto::DeleteProfilePictureRequest {
            request_id,
            ..proto::DeleteProfilePictureRequest::default()
        }),
        _ => {
            let file = samples::jpeg(40, 30);
            let header = Header {
                request_id,
                ..pictures::header(&file)
            };
            Message::Upload(header, file)
        }
    };
    ask(owner, message)
}
