//! The Android archive (AAR) of Rehome: put together of what Maven and the NDK built, and checked.
//!
//! | module | holds |
//! |---|---|
//! | `assemble` | classes, files and libraries into one archive |
//! | `layout` | whether an archive holds what it must |
//! | `elf` | whether a library loads on 16 KB pages |
//! | `keeps` | whether R8 keeps the names that JNA looks up |

pub mod assemble;
pub mod elf;
pub mod keeps;
pub mod layout;
