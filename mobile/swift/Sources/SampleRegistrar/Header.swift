import Foundation

/// Values of headers.
enum Header {
    /// Parts between commas; not those in quotes or angle brackets.
    static func split(_ value: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var (quoted, bracketed, escaped) = (false, false, false)
        for character in value {
            if escaped {
                escaped = false
            } else if quoted && character == "\\" {
                escaped = true
            } else if character == "\"" {
                quoted.toggle()
            } else if !quoted && character == "<" {
                bracketed = true
            } else if !quoted && character == ">" {
                bracketed = false
            } else if character == "," && !quoted && !bracketed {
                parts.append(part)
                part = ""
                continue
            }
            part.append(character)
        }
        return parts + [part]
    }
}

extension StringProtocol {
    var trimmed: String { trimmingCharacters(in: .whitespaces) }

    /// Without the quotes around it.
    var unquoted: String {
        count > 1 && first == "\"" && last == "\"" ? String(dropFirst().dropLast()) : String(self)
    }
}
