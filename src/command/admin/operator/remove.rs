//! `accountd admin operator remove`.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::{
    command::admin::output::{Output, plain},
    config::Settings,
    operators,
};

/// Who is to be an operator no more.
#[derive(Debug, Args)]
pub(in crate::command::admin) struct Remove {
    /// Its name.
    name: String,
}

#[derive(Serialize)]
struct Removed<'a> {
    name: &'a str,
    operators: &'a Path,
}

impl Remove {
    /// Removes the entry. Refused: a name that is not there, and what [`operators::remove`] refuses.
    pub(super) fn run(&self, settings: &Settings, output: Output) -> anyhow::Result<()> {
        let file = settings.operators_file();
        let shown = plain(&file.display().to_string());
        anyhow::ensure!(
            operators::remove(&file, &self.name)?,
            "{shown} has no operator {:?}: see `accountd admin operator list`",
            self.name
        );
        let removed = Removed {
            name: &self.name,
            operators: &file,
        };
        output.tell(
            &removed,
            &format!(
                "removed {} from {shown}; its next call is refused\n",
                self.name
            ),
        )
    }
}
