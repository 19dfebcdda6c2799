#if !canImport(Network)
    import Foundation
    import Rehome

    /// A link over a socket, read by a thread of its own.
    final class SocketLink: Link {
        /// A connect that takes longer is over; the core gives up far sooner.
        private static let patience = Duration.seconds(32)

        let heard: AsyncStream<Heard>
        private let tell: AsyncStream<Heard>.Continuation
        private let socket: PollingSocket
        private let interrupt: Interrupt

        /// Connects; when the task is cancelled, that is given up.
        static func open(_ transport: Transport, _ address: String, _ port: Int32) async throws -> any Link {
            guard let peer = SocketAddress(address, port: port) else { throw LinkFailure(outcome: .noAddress) }
            let interrupt = try Interrupt()
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    // Threads of their own: a dispatch queue adds a thread for those that block only after a second.
                    Thread.detachNewThread {
                        continuation.resume(with: Result { try SocketLink(transport, peer, interrupt) })
                    }
                }
            } onCancel: {
                interrupt.fire()
            }
        }

        private init(_ transport: Transport, _ peer: SocketAddress, _ interrupt: Interrupt) throws {
            (heard, tell) = AsyncStream.makeStream()
            self.interrupt = interrupt
            do {
                socket = try PollingSocket(transport == .udp ? datagram : streaming, to: peer, interrupt)
                if transport != .udp { try socket.connected(until: .now.advanced(by: SocketLink.patience)) }
            } catch let error as SystemError {
                throw LinkFailure(outcome: Outcome(systemError: error.number))
            } catch {
                throw LinkFailure(outcome: .unreachable(cause: .timeout))
            }
            let (socket, tell) = (socket, tell)
            let isStream = transport != .udp
            Thread.detachNewThread { SocketLink.read(socket, isStream: isStream, tell) }
        }

        var local: String { socket.local }

        func send(_ data: Data) {
            do {
                try socket.send(data, until: .now.advanced(by: .seconds(1)))
            } catch {
                tell.yield(.failed(SocketLink.outcome(error)))
            }
        }

        func close() {
            interrupt.fire()
        }

        private static func read(_ socket: PollingSocket, isStream: Bool, _ tell: AsyncStream<Heard>.Continuation) {
            while true {
                do {
                    let data = try socket.receive(65_535, until: .now.advanced(by: .seconds(3600)))
                    if isStream && data.isEmpty {
                        tell.yield(.failed(.unreachable(cause: .closed)))
                        break
                    }
                    tell.yield(.data(data))
                } catch is PollingSocket.TimedOut {
                    continue
                } catch {
                    tell.yield(.failed(outcome(error)))
                    if isStream || error is PollingSocket.Interrupted { break }
                }
            }
            tell.finish()
        }

        private static func outcome(_ error: any Error) -> Outcome {
            switch error {
            case let error as SystemError: Outcome(systemError: error.number)
            case is PollingSocket.TimedOut: .unreachable(cause: .timeout)
            default: .unreachable(cause: .closed)
            }
        }
    }

    typealias PlatformLink = SocketLink
#endif
