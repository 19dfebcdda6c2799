import Foundation
import Rehome
import SampleRegistrar

/// A phone whose lines come from standard input and go to standard output.
struct Phone {
    /// How long a phone whose commands have ended may take to unregister.
    private static let goodbye = Duration.seconds(10)

    private let options: Options
    private let registrar: SampleRegistrar
    private let driver: RegistrationDriver

    init(_ options: Options) throws {
        self.options = options
        let resolver = try UDPResolver(servers: [options.dns])
        let account = Account(
            user: options.user, password: options.password, domain: options.domain,
            keepAlive: options.keepAlive.map { .seconds($0) }, oneContact: options.oneContact)
        registrar = SampleRegistrar(account: account, resolver: resolver)
        driver = try RegistrationDriver(
            config: options.config, seed: options.seed, resolver: resolver, registrar: registrar)
    }

    /// Runs until the commands end; then it stops as if told to.
    func run() async {
        let occurrences = await driver.occurrences()
        say(Report.ready(driver.nowMs, user: options.user))
        let talking = Task { await talk(occurrences) }
        if options.start { await driver.start() }
        for await line in Phone.lines() where !line.allSatisfy(\.isWhitespace) {
            do {
                try await obey(Command(line: line))
            } catch {
                say(Report.error(driver.nowMs, (error as? RehomeError)?.message ?? "\(error)"))
            }
        }
        let impatient = Task {
            try await Task.sleep(for: Phone.goodbye)
            await driver.close()
        }
        await driver.stop()
        impatient.cancel()
        await driver.close()
        await talking.value
    }

    private func obey(_ command: Command) async throws {
        switch command {
        case .configure(let config): try await driver.configure(config)
        case .simple("start"): await driver.start()
        // The commands that follow are not to wait until it is done.
        case .simple("stop"): Task { await driver.stop() }
        case .simple("login"): await driver.agentLogin()
        case .simple("tryPrimary"): await driver.tryPrimary()
        case .simple("busy"): await driver.busy()
        case .simple("idle"): await driver.idle()
        case .simple("networkDown"):
            await registrar.dropFlows()
            await driver.networkDown()
        case .simple("networkChanged"):
            await registrar.dropFlows()
            await driver.networkChanged()
        case .simple("resumed"): await driver.resumed()
        case .simple: say(Report.status(driver.nowMs, await driver.status))
        }
    }

    private func talk(_ occurrences: AsyncStream<Occurrence>) async {
        var shown: Status?
        for await occurrence in occurrences {
            let atMs = occurrence.atMs
            switch occurrence.kind {
            case .input(let input): if let line = Report.input(atMs, input) { say(line) }
            case .event(let event): say(Report.event(atMs, event))
            case .action(let action): say(Report.action(atMs, action))
            case .notice(.inputRefused(_, let error)): say(Report.error(atMs, error.localizedDescription))
            case .notice: break
            case .status(let status):
                if let shown, shown.state == status.state, shown.home == status.home, shown.primary == status.primary {
                    continue
                }
                shown = status
                say(Report.status(atMs, status))
            }
        }
    }

    private func say(_ line: String) {
        // A closed pipe: nobody listens any more, and the input will end too.
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    private static func lines() -> AsyncStream<String> {
        AsyncStream { continuation in
            Thread.detachNewThread {
                while let line = readLine() { continuation.yield(line) }
                continuation.finish()
            }
        }
    }
}
