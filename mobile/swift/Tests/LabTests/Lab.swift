import Foundation
import Rehome
import XCTest

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The lab that the suite has started: `REHOME_LAB` is the URL of its control.
struct Lab: Sendable {
    let control: URL
    /// The DNS server of data centre 1.
    let dns: DNSServer

    struct Trouble: Error, CustomStringConvertible {
        var description: String
    }

    private struct Root: Decodable {
        struct View: Decodable {
            var view: Int
            var address: String
        }
        var dns: [View]
    }

    private struct Binding: Decodable {
        var registrar: String
        var transport: String
        var contact: String
        var source: String
    }

    /// The lab; tests are skipped where there is none.
    static func find() async throws -> Lab {
        guard let text = ProcessInfo.processInfo.environment["REHOME_LAB"], let control = URL(string: text) else {
            throw XCTSkip("REHOME_LAB names no lab: start one with `cargo run -p rehome-lab -- --ephemeral`")
        }
        return try await Lab(control: control)
    }

    private init(control: URL) async throws {
        self.control = control
        let root = try JSONDecoder().decode(Root.self, from: try await Lab.ask("GET", control, nil))
        guard let address = root.dns.first(where: { $0.view == 1 })?.address.split(separator: ":"),
            let port = Int32(address[1])
        else { throw Trouble(description: "the lab does not say where its DNS is") }
        dns = try DNSServer(String(address[0]), port: port)
    }

    /// Where the user is registered: `dc1-spx1 udp`, ...
    func bindings(_ user: String) async throws -> [String] {
        let data = try await Lab.ask("GET", control.appending(path: "bindings/\(user)"), nil)
        let bindings = try JSONDecoder().decode([Binding].self, from: data)
        return bindings.map { "\($0.registrar) \($0.transport)" }
    }

    /// The one contact of the user, and from which port it was registered last.
    func contact(_ user: String) async throws -> (uri: String, source: String) {
        let data = try await Lab.ask("GET", control.appending(path: "bindings/\(user)"), nil)
        let bindings = try JSONDecoder().decode([Binding].self, from: data)
        guard let binding = bindings.first, bindings.count == 1 else {
            throw Trouble(description: "\(user) has \(bindings.count) bindings instead of one")
        }
        return (binding.contact, binding.source)
    }

    /// Breaks something, or mends it without a fault.
    func fault(_ path: String, _ fault: String?) async throws {
        _ = try await Lab.ask(fault == nil ? "DELETE" : "PUT", control.appending(path: path), fault)
    }

    /// Lets DNS answer again for a name.
    func mendDNS(_ name: String) async throws {
        let fault = control.appending(path: "dns/fault")
        _ = try await Lab.ask("DELETE", fault.appending(queryItems: [URLQueryItem(name: "name", value: name)]), nil)
    }

    private static func ask(_ method: String, _ url: URL, _ body: String?) async throws -> Data {
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue("application/json", forHTTPHeaderField: "content-type")
        let (data, response) = try await URLSession.shared.data(for: request)
        guard (response as? HTTPURLResponse)?.statusCode == 200 else {
            throw Trouble(description: "\(method) \(url): \(String(decoding: data, as: UTF8.self))")
        }
        return data
    }
}
