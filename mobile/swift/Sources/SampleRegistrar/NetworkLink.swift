#if canImport(Network)
    import Foundation
    import Network
    import Rehome

    /// A link by Apple's Network framework.
    final class NetworkLink: Link, @unchecked Sendable {
        // All state is touched on `queue` only, but for what is `let`.
        private static let queue = DispatchQueue(label: "dev.rehome.sample.links")

        let heard: AsyncStream<Heard>
        private let tell: AsyncStream<Heard>.Continuation
        private let connection: NWConnection
        private let isStream: Bool
        private var opened: CheckedContinuation<Void, any Error>?
        private var isOver = false

        /// Connects; when the task is cancelled, that is given up.
        static func open(_ transport: Transport, _ address: String, _ port: Int32) async throws -> any Link {
            guard let number = UInt16(exactly: port), let port = NWEndpoint.Port(rawValue: number) else {
                throw LinkFailure(outcome: .noAddress)
            }
            let parameters: NWParameters = transport == .udp ? .udp : .tcp
            let connection = NWConnection(host: NWEndpoint.Host(address), port: port, using: parameters)
            let link = NetworkLink(connection, isStream: transport != .udp)
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { link.start($0) }
            } onCancel: {
                link.close()
            }
            return link
        }

        private init(_ connection: NWConnection, isStream: Bool) {
            (heard, tell) = AsyncStream.makeStream()
            self.connection = connection
            self.isStream = isStream
        }

        var local: String {
            guard case .hostPort(let host, let port)? = connection.currentPath?.localEndpoint else {
                return "0.0.0.0:0"
            }
            // An IPv6 address may carry its interface, as in fe80::1%en0.
            let name = "\(host)".prefix { $0 != "%" }
            return name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
        }

        func send(_ data: Data) {
            connection.send(
                content: data,
                completion: .contentProcessed { [tell] error in
                    if let error { tell.yield(.failed(NetworkLink.outcome(error))) }
                })
        }

        func close() {
            NetworkLink.queue.async { [self] in end(.unreachable(cause: .closed)) }
        }

        private func start(_ opened: CheckedContinuation<Void, any Error>) {
            NetworkLink.queue.async { [self] in
                self.opened = opened
                if isOver { return answer(.failure(LinkFailure(outcome: .unreachable(cause: .closed)))) }
                connection.stateUpdateHandler = { [weak self] state in self?.changed(state) }
                connection.start(queue: NetworkLink.queue)
            }
        }

        private func changed(_ state: NWConnection.State) {
            switch state {
            case .ready:
                answer(.success(()))
                receive()
            // Waiting for a better path is for the core to decide: it has other targets.
            case .waiting(let error), .failed(let error):
                end(NetworkLink.outcome(error))
            case .cancelled:
                end(.unreachable(cause: .closed))
            default:
                break
            }
        }

        private func receive() {
            let take: @Sendable (Data?, NWConnection.ContentContext?, Bool, NWError?) -> Void = {
                [weak self] data, _, complete, error in
                guard let self else { return }
                if let data, !data.isEmpty { tell.yield(.data(data)) }
                // Of datagrams, too: nothing more would be heard, and the next attempt has a new link.
                if let error { return end(NetworkLink.outcome(error)) }
                if isStream && complete { return end(.unreachable(cause: .closed)) }
                receive()
            }
            if isStream {
                connection.receive(minimumIncompleteLength: 1, maximumLength: 65_535, completion: take)
            } else {
                connection.receiveMessage(completion: take)
            }
        }

        private func answer(_ result: Result<Void, any Error>) {
            opened?.resume(with: result)
            opened = nil
        }

        /// Once: by an error, by the other side, or because nobody wants it any more. A connection that was cancelled before it
        /// was started may tell no state at all.
        private func end(_ outcome: Outcome) {
            if isOver { return }
            isOver = true
            answer(.failure(LinkFailure(outcome: outcome)))
            tell.yield(.failed(outcome))
            tell.finish()
            connection.stateUpdateHandler = nil
            connection.cancel()
        }

        private static func outcome(_ error: NWError) -> Outcome {
            switch error {
            case .posix(let code): Outcome(systemError: code.rawValue)
            case .dns: .noAddress
            case .tls: .unreachable(cause: .tls)
            default: .unreachable(cause: .other)
            }
        }
    }

    typealias PlatformLink = NetworkLink
#endif
