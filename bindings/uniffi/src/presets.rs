//! Named starting points.

use rehome::Preset;

use crate::mirror::Out;
use crate::{Config, RehomeError};

/// One value in which a preset differs from the default.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PresetDifference {
    /// The field, as in JSON: `rollover.failuresBeforeRollover`.
    pub field: String,
    /// The preset's value, as JSON.
    pub value: String,
    /// Where it comes from.
    pub source: String,
}

/// The names of all presets: `default`, `xima`, `tpi`, `genesys`, `broadworks`, `rfc3263`.
#[uniffi::export]
pub fn preset_names() -> Vec<String> {
    Preset::ALL.iter().map(|preset| preset.name().to_owned()).collect()
}

/// A preset's configuration; where to register is still to be set.
#[uniffi::export]
pub fn preset(name: &str) -> Result<Config, RehomeError> {
    Ok(Config::out(&named(name)?.config(), None))
}

/// Every value in which a preset differs from the default, with its source.
#[uniffi::export]
pub fn preset_differences(name: &str) -> Result<Vec<PresetDifference>, RehomeError> {
    let differences = named(name)?.differences().iter();
    Ok(differences
        .map(|difference| PresetDifference {
            field: difference.field.to_owned(),
            value: difference.value.to_owned(),
            source: difference.source.to_owned(),
        })
        .collect())
}

pub(crate) fn named(name: &str) -> Result<Preset, RehomeError> {
    Preset::from_name(name).ok_or_else(|| {
        let name: String = name.chars().take(80).collect();
        RehomeError::UnknownPreset(format!("there is no preset {name:?}: use {}", preset_names().join(", ")))
    })
}
