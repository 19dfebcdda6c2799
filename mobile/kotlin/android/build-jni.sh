#!/bin/sh
# Builds librehome_ffi.so for Android's ABIs, where `cargo xtask package` looks for them: target/android/jni/ABI.
# Needs Android's NDK (r27 or later; in ANDROID_NDK_HOME, or where Android Studio puts it), cargo-ndk (cargo install cargo-ndk),
# and the Rust targets: rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"

if ! cargo ndk --version >/dev/null 2>&1; then
    echo "build-jni.sh: cargo-ndk is missing: cargo install --locked cargo-ndk" >&2
    exit 1
fi

# The ABI, and Rust's name for it.
build() {
    # 16 KB pages on every NDK; API level 26 is the archive's minSdk.
    cargo ndk --target "$1" --platform 26 rustc --package rehome-uniffi --lib --profile mobile --crate-type cdylib -- \
        -C strip=symbols -C link-arg=-Wl,-z,max-page-size=16384 -C link-arg=-Wl,-soname,librehome_ffi.so
    mkdir -p "$target/android/jni/$1"
    cp "$target/$2/mobile/librehome_ffi.so" "$target/android/jni/$1/"
    cargo run --quiet --package rehome-aar -- pages --abi "$1" "$target/android/jni/$1/librehome_ffi.so"
    ls -l "$target/android/jni/$1/librehome_ffi.so"
}

build arm64-v8a aarch64-linux-android
build armeabi-v7a armv7-linux-androideabi
build x86_64 x86_64-linux-android
