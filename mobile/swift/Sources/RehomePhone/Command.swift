import Rehome

/// What a phone can be told while it runs.
enum Command: Equatable {
    case simple(String)
    case configure(Config)

    private static let names = [
        "start", "stop", "login", "tryPrimary", "busy", "idle", "networkDown", "networkChanged", "resumed", "status",
    ]

    /// Reads one line of input. The error is a sentence.
    init(line: String) throws {
        let json = try? JSON(text: line)
        let name = json?["command"]?.string ?? ""
        if Command.names.contains(name) {
            self = .simple(name)
        } else if name == "configure", let config = json?["config"] {
            self = .configure(try configFromJson(json: config.text))
        } else {
            throw UsageError(
                "command \(line) is not understood; write one line of JSON such as {\"command\":\"start\"}; the commands are "
                    + Command.names.joined(separator: ", ") + " and configure (with config)")
        }
    }
}
