import Foundation
import Rehome

_ = signal(SIGPIPE, SIG_IGN)
do {
    guard let options = try Options(Array(CommandLine.arguments.dropFirst())) else {
        print(Options.help)
        exit(0)
    }
    try await Phone(options).run()
} catch {
    let text = (error as? RehomeError)?.message ?? "\(error)"
    try? FileHandle.standardError.write(contentsOf: Data("rehome-phone: \(text)\n".utf8))
    exit(1)
}
