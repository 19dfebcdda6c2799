// Who imports Rehome has the core's types, too.
@_exported import RehomeFFI
