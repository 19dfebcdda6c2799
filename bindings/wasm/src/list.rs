//! Lists of records or addresses, filled one by one.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use rehome::SrvRecord;
use rehome::order::Candidate;
use wasm_bindgen::prelude::wasm_bindgen;

/// SRV records, or addresses.
#[wasm_bindgen]
#[derive(Default)]
pub struct List {
    pub(crate) records: Vec<SrvRecord>,
    pub(crate) addresses: Vec<IpAddr>,
    /// The clean set of the records, once it was asked for.
    pub(crate) set: Vec<Candidate>,
}

#[wasm_bindgen]
impl List {
    /// An empty one.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a record.
    pub fn record(&mut self, priority: u16, weight: u16, port: u16, target: String) {
        self.records.push(SrvRecord { priority, weight, port, target });
    }

    /// Appends an address; false if it is none.
    pub fn address(&mut self, text: &str) -> bool {
        let address: Option<IpAddr> = text.parse().ok();
        self.addresses.extend(address);
        address.is_some()
    }
}
