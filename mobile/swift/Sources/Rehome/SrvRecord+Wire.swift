import Foundation
import RehomeFFI

extension SrvRecord {
    /// The data of an SRV record as it is on the wire, its name not compressed; nil where it is none.
    init?(wire data: Data) {
        let bytes = [UInt8](data)
        guard bytes.count > 6 else { return nil }
        let number = { (at: Int) in Int32(bytes[at]) << 8 | Int32(bytes[at + 1]) }
        var labels: [String] = []
        var at = 6
        while at < bytes.count, bytes[at] != 0 {
            let end = at + 1 + Int(bytes[at])
            guard bytes[at] < 64, end < bytes.count, let label = String(bytes: bytes[(at + 1)..<end], encoding: .utf8),
                !label.contains(".")
            else { return nil }
            labels.append(label)
            at = end
        }
        guard at == bytes.count - 1 else { return nil }
        let target = labels.isEmpty ? "." : labels.joined(separator: ".")
        self.init(priority: number(0), weight: number(2), port: number(4), target: target)
    }
}
