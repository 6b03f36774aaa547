//! Chooses the board by the target, and its memory for the linker.

use std::path::Path;
use std::{env, fs};

fn main() {
    let target = env::var("TARGET").expect("cargo says for which target");
    let board = match target.as_str() {
        "thumbv8m.main-none-eabi" | "thumbv8m.main-none-eabihf" => "mps2_an505",
        _ => "mps2_an386",
    };
    let memory = format!("boards/{board}.x");
    let out = env::var("OUT_DIR").expect("cargo says where to");
    fs::copy(&memory, Path::new(&out).join("memory.x")).expect("the board's memory is copied");
    println!("cargo:rerun-if-changed={memory}");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(board, values(\"mps2_an386\", \"mps2_an505\"))");
    println!("cargo:rustc-cfg=board=\"{board}\"");
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=-Tdefmt.x");
}
