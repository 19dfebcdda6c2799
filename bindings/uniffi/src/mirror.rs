//! Types of our own in front of the core's, where `uniffi::remote` does not do: the core counts in unsigned numbers of
//! every width, which Kotlin would get as `UByte` to `ULong`, and holds borrowed and shared texts.
//!
//! One declaration, [`mirror!`], makes the type that crosses and its translation. The matches it writes are exhaustive: a
//! new field or variant in the core does not compile here until it is declared. Numbers of 8 and 16 bits cross as `i32`,
//! all others as `i64`, so none is ever cut.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::sync::Arc;

use rehome::{Id, Millis, Registration, Rule, Seconds, TargetId, Time};

use crate::{Config, RehomeError, Target, range};

/// Whose targets are meant by their numbers; none where there are no targets.
pub(crate) type Of<'a> = Option<&'a Registration>;

/// What crosses, from what the core puts out.
pub(crate) trait Out<Core>: Sized {
    fn out(core: &Core, of: Of<'_>) -> Self;
}

/// What the core takes, from what crosses; `at` is the place that an error names.
pub(crate) trait In<Core> {
    fn into_core(self, at: &At<'_>) -> Result<Core, RehomeError>;
}

/// A place in what was handed in, as `lookup.sites[0].name`; written out only if something is wrong there.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    parent: Option<&'a At<'a>>,
    here: Here,
}

#[derive(Clone, Copy)]
enum Here {
    Configuration,
    Input,
    Field(&'static str),
    Index(usize),
}

impl At<'static> {
    /// A configuration: what is wrong in it is an [`RehomeError::Config`].
    pub(crate) const CONFIGURATION: Self = Self { parent: None, here: Here::Configuration };

    /// Anything else that is handed in.
    pub(crate) const INPUT: Self = Self { parent: None, here: Here::Input };
}

impl<'a> At<'a> {
    pub(crate) fn field(&'a self, name: &'static str) -> Self {
        // An input's configuration is named as any other.
        let here = if name == "config" { Here::Configuration } else { Here::Field(name) };
        Self { parent: Some(self), here }
    }

    fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), here: Here::Index(index) }
    }

    fn is_configuration(&self) -> bool {
        matches!(self.here, Here::Configuration) || self.parent.is_some_and(At::is_configuration)
    }

    /// The error: the field, the value, and the remedy; a setting has its own range, which may be narrower.
    pub(crate) fn wrong(&self, value: impl fmt::Display, remedy: &str) -> RehomeError {
        let text = |remedy| format!("{self}: {value} cannot be used: {remedy}");
        if self.is_configuration() {
            RehomeError::Config(text(range::remedy(&self.to_string()).unwrap_or(remedy)))
        } else {
            RehomeError::InvalidInput(text(remedy))
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.here {
            Here::Configuration | Here::Input => return Ok(()),
            Here::Index(index) => {
                self.parent.map_or(Ok(()), |parent| parent.fmt(f))?;
                return write!(f, "[{index}]");
            }
            Here::Field(name) => name,
        };
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !matches!(parent.here, Here::Configuration | Here::Input) {
                f.write_str(".")?;
            }
        }
        // As in JSON: `max_targets` is `maxTargets`.
        let mut after_bar = false;
        for letter in name.chars() {
            if letter != '_' {
                f.write_char(if after_bar { letter.to_ascii_uppercase() } else { letter })?;
            }
            after_bar = letter == '_';
        }
        Ok(())
    }
}

/// Declares a type that crosses, and its translation from the core's (`out`), or from and to it (`both`); a group of settings
/// (`config`) has a `Default`, too.
///
/// - A field is named as the core's; a text after it is its name in other languages, where that says more:
///   `deadline "deadlineMs": i64`.
/// - `= {3}` is a field's default, as uniffi writes it; all fields of a type have one, or none.
/// - `Status(code: i32)` is a variant that has no field names in the core.
macro_rules! mirror {
    (out $($rest:tt)*) => {
        $crate::mirror::declare!($($rest)*);
        $crate::mirror::outwards!($($rest)*);
    };
    (both $($rest:tt)*) => {
        $crate::mirror::mirror!(out $($rest)*);
        $crate::mirror::inwards!($($rest)*);
    };
    (config $($rest:tt)*) => {
        $crate::mirror::mirror!(both $($rest)*);
        $crate::mirror::defaults!($($rest)*);
    };
}

macro_rules! declare {
    ($(#[$($a:tt)*])* struct $name:ident: $core:ty {
        $($(#[$($fa:tt)*])* $field:ident $($json:literal)?: $ty:ty $(= {$($default:tt)+})?),* $(,)?
    }) => {
        $(#[$($a)*])*
        #[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
        #[cfg_attr(test, derive(serde::Serialize, serde::Deserialize), serde(rename_all = "camelCase"))]
        pub struct $name {
            $(
                $(#[$($fa)*])*
                $(#[uniffi(name = $json)] #[cfg_attr(test, serde(rename = $json))])?
                $(#[uniffi(default = $($default)+)])?
                pub $field: $ty,
            )*
        }
    };
    ($(#[$($a:tt)*])* enum $name:ident: $core:ty {
        $(
            $(#[$($va:tt)*])* $variant:ident
            $({ $($(#[$($fa:tt)*])* $field:ident $($json:literal)?: $ty:ty),* $(,)? })?
            $(( $(#[$($ta:tt)*])* $only:ident $($tjson:literal)?: $tty:ty ))?
        ),* $(,)?
    }) => {
        $(#[$($a)*])*
        #[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
        #[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(test, serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase"))]
        pub enum $name {
            $(
                $(#[$($va)*])*
                $variant
                $({ $(
                    $(#[$($fa)*])*
                    $(#[uniffi(name = $json)] #[cfg_attr(test, serde(rename = $json))])?
                    $field: $ty,
                )* })?
                $({
                    $(#[$($ta)*])*
                    $(#[uniffi(name = $tjson)] #[cfg_attr(test, serde(rename = $tjson))])?
                    $only: $tty,
                })?,
            )*
        }
    };
}

/// From the core.
macro_rules! outwards {
    ($(#[$($a:tt)*])* struct $name:ident: $core:ty {
        $($(#[$($fa:tt)*])* $field:ident $($json:literal)?: $ty:ty $(= {$($default:tt)+})?),* $(,)?
    }) => {
        impl $crate::mirror::Out<$core> for $name {
            fn out(core: &$core, of: $crate::mirror::Of<'_>) -> Self {
                type Core = $core;
                let Core { $($field),* } = core;
                Self { $($field: $crate::mirror::Out::out($field, of)),* }
            }
        }
    };
    ($(#[$($a:tt)*])* enum $name:ident: $core:ty {
        $(
            $(#[$($va:tt)*])* $variant:ident
            $({ $($(#[$($fa:tt)*])* $field:ident $($json:literal)?: $ty:ty),* $(,)? })?
            $(( $(#[$($ta:tt)*])* $only:ident $($tjson:literal)?: $tty:ty ))?
        ),* $(,)?
    }) => {
        impl $crate::mirror::Out<$core> for $name {
            fn out(core: &$core, of: $crate::mirror::Of<'_>) -> Self {
                type Core = $core;
                match core {
                    $(
                        Core::$variant $({ $($field),* })? $(($only))? => Self::$variant
                            $({ $($field: $crate::mirror::Out::out($field, of)),* })?
                            $({ $only: $crate::mirror::Out::out($only, of) })?,
                    )*
                }
            }
        }
    };
}

/// To the core.
macro_rules! inwards {
    ($(#[$($a:tt)*])* struct $name:ident: $core:ty {
        $($(#[$($fa:tt)*])* $field:ident $($json:literal)?: $ty:ty $(= {$($default:tt)+})?),* $(,)?
    }) => {
        impl $crate::mirror::In<$core> for $name {
            fn into_core(self, at: &$crate::mirror::At<'_>) -> Result<$core, $crate::RehomeError> {
                type Core = $core;
                Ok(Core { $($field: $crate::mirror::In::into_core(
                    self.$field,
                    &at.field($crate::mirror::named!($field $($json)?)),
                )?),* })
            }
        }
    };
    ($(#[$($a:tt)*])* enum $name:ident: $core:ty {
        $(
            $(#[$($va:tt)*])* $variant:ident
            $({ $($(#[$($fa:tt)*])* $field:ident $($json:literal)?: $ty:ty),* $(,)? })?
            $(( $(#[$($ta:tt)*])* $only:ident $($tjson:literal)?: $tty:ty ))?
        ),* $(,)?
    }) => {
        impl $crate::mirror::In<$core> for $name {
            fn into_core(self, at: &$crate::mirror::At<'_>) -> Result<$core, $crate::RehomeError> {
                type Core = $core;
                // Variants without fields look at no place.
                let _ = at;
                Ok(match self {
                    $(
                        Self::$variant $({ $($field),* })? $({ $only })? => Core::$variant
                            $({ $($field: $crate::mirror::In::into_core(
                                $field,
                                &at.field($crate::mirror::named!($field $($json)?)),
                            )?),* })?
                            $(($crate::mirror::In::into_core(
                                $only,
                                &at.field($crate::mirror::named!($only $($tjson)?)),
                            )?))?,
                    )*
                })
            }
        }
    };
}

/// A type's `Default`, of the very tokens that other languages get.
macro_rules! defaults {
    ($(#[$($a:tt)*])* struct $name:ident: $core:ty {
        $($(#[$($fa:tt)*])* $field:ident $($json:literal)?: $ty:ty $(= {$($default:tt)+})?),* $(,)?
    }) => {
        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $crate::mirror::or_default!($($($default)+)?)),* }
            }
        }
    };
}

macro_rules! or_default {
    () => { Default::default() };
    ($($value:tt)+) => { $($value)+ };
}

macro_rules! named {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $json:literal) => {
        $json
    };
}

pub(crate) use {declare, defaults, inwards, mirror, named, or_default, outwards};

/// Types that cross as they are: plain enumerations, declared in `words`, and what uniffi knows by itself.
macro_rules! as_they_are {
    ($($kind:ty)*) => {$(
        impl Out<$kind> for $kind {
            fn out(core: &$kind, _: Of<'_>) -> Self {
                core.clone()
            }
        }

        impl In<$kind> for $kind {
            fn into_core(self, _: &At<'_>) -> Result<$kind, RehomeError> {
                Ok(self)
            }
        }
    )*};
}

as_they_are! {
    bool String
    rehome::Addresses rehome::AfterLoss rehome::Bar rehome::CancelReason rehome::DropReason rehome::IgnoreReason
    rehome::LookupFailure rehome::LookupKind rehome::LossReason rehome::Meaning rehome::NoPlan rehome::Redraw
    rehome::RefreshOwner rehome::RetryAfter rehome::Selection rehome::SkipReason rehome::Source rehome::State
    rehome::Timer rehome::Transport rehome::Trigger rehome::Unreachable
}

/// Settings that other languages cannot state a default of: there, none is the default.
macro_rules! default_is_none {
    ($($kind:ty: $core:ty = $default:expr;)*) => {$(
        impl Out<$core> for Option<$kind> {
            fn out(core: &$core, of: Of<'_>) -> Self {
                (*core != $default).then(|| Out::out(core, of))
            }
        }

        impl In<$core> for Option<$kind> {
            fn into_core(self, at: &At<'_>) -> Result<$core, RehomeError> {
                self.map_or_else(|| Ok($default), |value| value.into_core(at))
            }
        }
    )*};
}

default_is_none! {
    rehome::Addresses: rehome::Addresses = Default::default();
    rehome::AfterLoss: rehome::AfterLoss = Default::default();
    rehome::Redraw: rehome::Redraw = Default::default();
    rehome::RefreshOwner: rehome::RefreshOwner = Default::default();
    rehome::RetryAfter: rehome::RetryAfter = Default::default();
    rehome::Selection: rehome::Selection = Default::default();
    crate::TlsName: rehome::TlsName = Default::default();
    crate::FailbackEvery: rehome::FailbackEvery = Default::default();
    Vec<rehome::Transport>: Vec<rehome::Transport> = rehome::Lookup::default().transports;
}

/// Numbers, each within its range.
macro_rules! numbers {
    ($($wide:ty: $core:ty, |$value:ident| $out:expr, |$raw:ident, $at:ident| $take:expr;)*) => {$(
        impl Out<$core> for $wide {
            fn out($value: &$core, _: Of<'_>) -> Self {
                $out
            }
        }

        impl In<$core> for $wide {
            fn into_core(self, $at: &At<'_>) -> Result<$core, RehomeError> {
                let $raw = self;
                $take
            }
        }
    )*};
}

numbers! {
    i32: u8, |value| (*value).into(), |raw, at| raw.try_into().map_err(|_| at.wrong(raw, "use 0 to 255"));
    i32: u16, |value| (*value).into(), |raw, at| raw.try_into().map_err(|_| at.wrong(raw, "use 0 to 65535"));
    i64: u32, |value| (*value).into(), |raw, at| raw.try_into().map_err(|_| at.wrong(raw, "use 0 to 4294967295"));
    i64: Millis, |value| signed(value.get()), |raw, at| unsigned(raw, at, "write milliseconds, 0 or more").map(Millis::new);
    i64: Time, |value| signed(value.as_millis()), |raw, _at| time(raw);
    // What a server says may be any number: above 2^32 - 1 they are taken as that.
    i64: Seconds, |value| value.get().into(), |raw, at| {
        let seconds = unsigned(raw, at, "write seconds, 0 or more")?;
        Ok(Seconds::new(u32::try_from(seconds).unwrap_or(u32::MAX)))
    };
    i64: Id, |value| value.get().into(), |raw, _at| match u32::try_from(raw) {
        Ok(id) => Ok(Id::from_raw(id)),
        Err(_) => Err(RehomeError::UnknownId(format!(
            "id {raw} was never given out: hand back the id of the lookup, register or unregister action"
        ))),
    };
    i64: TargetId, |value| value.get().into(), |raw, _at| match u32::try_from(raw) {
        Ok(id) => Ok(TargetId::from_raw(id)),
        Err(_) => Err(RehomeError::UnknownTarget(format!(
            "target {raw} never was: hand back the target of an action or of the status"
        ))),
    };
}

/// The core's own numbers end at 2^53 - 1, all but a setting's that is refused.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64, at: &At<'_>, remedy: &str) -> Result<u64, RehomeError> {
    u64::try_from(number).map_err(|_| at.wrong(number, remedy))
}

/// A time of a step. (One that is too late is refused by the core, in the same words.)
pub(crate) fn time(millis: i64) -> Result<Time, RehomeError> {
    let range = |_| format!("time {millis} ms is out of range: use milliseconds from 0 to 2^53 - 1");
    u64::try_from(millis).map(Time::from_millis).map_err(range).map_err(RehomeError::TimeOutOfRange)
}

impl Out<Arc<str>> for String {
    fn out(core: &Arc<str>, _: Of<'_>) -> Self {
        core.as_ref().into()
    }
}

/// The core knows every target that it names; the other branch is there for the compiler.
impl Out<TargetId> for Target {
    fn out(core: &TargetId, of: Of<'_>) -> Self {
        match of.and_then(|registration| registration.target(*core)) {
            Some(target) => Self::out(target, of),
            None => Self {
                id: core.get().into(),
                host: String::new(),
                port: 0,
                transport: rehome::Transport::Udp,
                tls_name: String::new(),
                priority: 0,
                weight: 0,
                site: None,
            },
        }
    }
}

impl Out<Rule> for String {
    fn out(core: &Rule, _: Of<'_>) -> Self {
        core.to_string()
    }
}

impl Out<IpAddr> for String {
    fn out(core: &IpAddr, _: Of<'_>) -> Self {
        core.to_string()
    }
}

impl In<IpAddr> for String {
    fn into_core(self, at: &At<'_>) -> Result<IpAddr, RehomeError> {
        self.parse()
            .map_err(|_| at.wrong(format_args!("{self:?}"), "write an IPv4 or IPv6 address, without brackets or zone"))
    }
}

impl<T: Out<C>, C> Out<Option<C>> for Option<T> {
    fn out(core: &Option<C>, of: Of<'_>) -> Self {
        core.as_ref().map(|core| T::out(core, of))
    }
}

impl<T: In<C>, C> In<Option<C>> for Option<T> {
    fn into_core(self, at: &At<'_>) -> Result<Option<C>, RehomeError> {
        self.map(|value| value.into_core(at)).transpose()
    }
}

impl<T: Out<C>, C> Out<Vec<C>> for Vec<T> {
    fn out(core: &Vec<C>, of: Of<'_>) -> Self {
        core.iter().map(|core| T::out(core, of)).collect()
    }
}

impl<T: In<C>, C> In<Vec<C>> for Vec<T> {
    fn into_core(self, at: &At<'_>) -> Result<Vec<C>, RehomeError> {
        self.into_iter().enumerate().map(|(index, value)| value.into_core(&at.index(index))).collect()
    }
}

impl Out<Box<rehome::Config>> for Config {
    fn out(core: &Box<rehome::Config>, of: Of<'_>) -> Self {
        Self::out(core.as_ref(), of)
    }
}

impl In<Box<rehome::Config>> for Config {
    fn into_core(self, at: &At<'_>) -> Result<Box<rehome::Config>, RehomeError> {
        self.into_core(at).map(Box::new)
    }
}
