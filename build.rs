//! Compiles the contract in `proto/` without a system `protoc`.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

#[expect(
    clippy::disallowed_methods,
    reason = "cargo says in the environment where to and what for"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = protox::compile(
        [
            "accountd/v1/account_service.proto",
            "accountd/v1/admin_service.proto",
            "accountd/v1/error_reason.proto",
        ],
        ["proto"],
    )?;
    fs::write(out.join("accountd.bin"), files.encode_to_vec())?;
    tonic_prost_build::configure()
        // A chunk is handed on as it came, without a copy.
        .bytes(".accountd.v1.UploadProfilePictureRequest.chunk")
        .bytes(".accountd.v1.DownloadProfilePictureResponse.chunk")
        .compile_fds(files)?;
    if env::var("CARGO_CFG_TARGET_ENV")? == "gnu" {
        // Relocations in a few pages instead of a megabyte, which would be read at start and kept in memory. glibc has
        // understood them since 2.36.
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    Ok(())
}
