#if canImport(dnssd)
    import Foundation
    import RehomeFFI
    import dnssd

    /// Asks the system, by Apple's `dnssd`: it knows the servers of the network in use, those of a VPN too.
    ///
    /// The system says "there is no such record" also when its servers failed or refused (SERVFAIL, REFUSED). So such a word on an
    /// SRV record counts as a failed lookup, which keeps the last good plan (rule 5.4), unless `confirming` says the same.
    /// Discovery (`lookup.discover`) goes on only past candidates that do not exist for sure: it needs `confirming`.
    public struct DNSServiceResolver: Resolver {
        private static let queue = DispatchQueue(label: "dev.rehome.dnssd")

        private let confirming: (any Resolver)?

        /// The system's resolver.
        ///
        /// - Parameter confirming: Asked once more where the system says that there is no record: one that knows the server's
        ///   own answer, as `UDPResolver` over your DNS servers. On iOS a server of the local network needs the user's leave.
        public init(confirming: (any Resolver)? = nil) {
            self.confirming = confirming
        }

        /// Asks for the records of a name.
        public func lookup(name: String, kind: LookupKind, timeoutMs: Int64) async throws -> Answer {
            let end = ContinuousClock.now.advanced(by: .milliseconds(timeoutMs))
            let answer = await ask(name, kind, timeoutMs)
            let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
            return try await answer.confirmed(by: confirming, name: name, kind: kind, timeoutMs: Int64(left))
        }

        private func ask(_ name: String, _ kind: LookupKind, _ timeoutMs: Int64) async -> Answer {
            let query = Query(kind)
            return await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    DNSServiceResolver.queue.async {
                        query.start(name, timeoutMs: timeoutMs, on: DNSServiceResolver.queue, continuation)
                    }
                }
            } onCancel: {
                DNSServiceResolver.queue.async { query.end(.failed(cause: .timeout)) }
            }
        }
    }

    /// One query. Everything of it happens on one queue.
    private final class Query: @unchecked Sendable {
        private let kind: LookupKind
        private var service: DNSServiceRef?
        private var continuation: CheckedContinuation<Answer, Never>?
        /// Cancelled before it began.
        private var isOver = false
        private var records: [SrvRecord] = []
        private var addresses: [String] = []
        private var ttl: Int64 = .max

        init(_ kind: LookupKind) {
            self.kind = kind
        }

        private var type: UInt16 {
            switch kind {
            case .srv: UInt16(kDNSServiceType_SRV)
            case .a: UInt16(kDNSServiceType_A)
            case .aaaa: UInt16(kDNSServiceType_AAAA)
            }
        }

        func start(
            _ name: String, timeoutMs: Int64, on queue: DispatchQueue,
            _ continuation: CheckedContinuation<Answer, Never>
        ) {
            self.continuation = continuation
            if isOver { return end(.failed(cause: .timeout)) }
            // Intermediates: that there is no such record is an answer, too. The final dot: search domains do not apply.
            let flags = DNSServiceFlags(kDNSServiceFlagsReturnIntermediates)
            let whole = name.hasSuffix(".") ? name : name + "."
            let context = Unmanaged.passUnretained(self).toOpaque()
            let error = DNSServiceQueryRecord(
                &service, flags, 0, whole, type, UInt16(kDNSServiceClass_IN),
                { _, flags, _, error, _, type, _, length, data, ttl, context in
                    guard let context else { return }
                    let query = Unmanaged<Query>.fromOpaque(context).takeUnretainedValue()
                    let bytes = data.map { Data(bytes: $0, count: Int(length)) } ?? Data()
                    query.take(flags, error, type, bytes, ttl)
                }, context)
            guard error == kDNSServiceErr_NoError, let service else { return end(.failed(cause: .other)) }
            guard DNSServiceSetDispatchQueue(service, queue) == kDNSServiceErr_NoError else {
                return end(.failed(cause: .other))
            }
            // It holds this query until then, so that the callback finds it.
            queue.asyncAfter(deadline: .now() + .milliseconds(Int(clamping: timeoutMs))) {
                self.end(.failed(cause: .timeout))
            }
        }

        /// Answers once, and ends the service: no callback comes after this.
        func end(_ answer: Answer) {
            isOver = true
            if let service { DNSServiceRefDeallocate(service) }
            service = nil
            continuation?.resume(returning: answer)
            continuation = nil
        }

        private func take(
            _ flags: DNSServiceFlags, _ error: DNSServiceErrorType, _ type: UInt16, _ data: Data, _ ttl: UInt32
        ) {
            switch Int(error) {
            case kDNSServiceErr_NoError: break
            case kDNSServiceErr_NoSuchName: return end(.noName(ttl: Int64(ttl)))
            case kDNSServiceErr_NoSuchRecord: return end(.noData(ttl: Int64(ttl)))
            case kDNSServiceErr_Timeout: return end(.failed(cause: .timeout))
            case kDNSServiceErr_Refused: return end(.failed(cause: .refused))
            case kDNSServiceErr_ServiceNotRunning: return end(.failed(cause: .other))
            default: return end(.failed(cause: .network))
            }
            // An intermediate answer is a CNAME on the way: its life counts, the records follow.
            self.ttl = min(self.ttl, Int64(ttl))
            guard type == self.type else { return }
            if flags & DNSServiceFlags(kDNSServiceFlagsAdd) != 0 { add(data) }
            if flags & DNSServiceFlags(kDNSServiceFlagsMoreComing) == 0 { finish() }
        }

        private func add(_ data: Data) {
            switch kind {
            case .srv:
                if let record = SrvRecord(wire: data) { records.append(record) }
            case .a where data.count == 4:
                addresses.append(data.map(String.init).joined(separator: "."))
            case .aaaa where data.count == 16:
                let words = stride(from: 0, to: 16, by: 2).map {
                    String(Int(data[$0]) << 8 | Int(data[$0 + 1]), radix: 16)
                }
                addresses.append(words.joined(separator: ":"))
            default: break
            }
        }

        private func finish() {
            switch kind {
            case .srv: end(records.isEmpty ? .failed(cause: .malformed) : .srv(records: records, ttl: ttl))
            case .a, .aaaa:
                end(addresses.isEmpty ? .failed(cause: .malformed) : .addresses(addresses: addresses, ttl: ttl))
            }
        }
    }
#endif
