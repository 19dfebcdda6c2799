import Foundation
import XCTest

@testable import Rehome
@testable import SampleRegistrar

/// The sample's parts that need no lab.
final class SampleTests: XCTestCase {
    func testMD5AsInRFC1321() {
        XCTAssertEqual(MD5.hex(""), "d41d8cd98f00b204e9800998ecf8427e")
        XCTAssertEqual(MD5.hex("abc"), "900150983cd24fb0d6963f7d28e17f72")
        let digits = String(repeating: "1234567890", count: 8)
        XCTAssertEqual(MD5.hex(digits), "57edf4a22be3c955ac49da2e2107b67a")
        for length in 54...66 { XCTAssertEqual(MD5.hex(String(repeating: "a", count: length)).count, 32) }
    }

    func testDigestAsInRFC2617() throws {
        let challenge = try XCTUnwrap(
            Challenge(
                "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
                    + "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
                proxy: false))
        let line = challenge.answer(
            user: "Mufasa", password: "Circle Of Life", method: "GET", uri: "/dir/index.html", cnonce: "0a4f113b")
        XCTAssertTrue(line.hasPrefix("Authorization: Digest username=\"Mufasa\""), line)
        XCTAssertTrue(line.contains("response=\"6629fae49393a05397450978507c4ef1\""), line)
        XCTAssertNil(Challenge("Digest realm=\"a\", nonce=\"b\", algorithm=SHA-256", proxy: false))
        XCTAssertNil(Challenge("Basic realm=\"a\"", proxy: false))
        XCTAssertNil(Challenge("Digest realm=\"a\", nonce=\"b\", qop=\"auth-int\"", proxy: false))
        XCTAssertEqual(Challenge("digest realm=\"a\", nonce=\"b\", stale=TRUE", proxy: true)?.stale, true)
    }

    private func reply(_ start: String, _ headers: String) -> Reply? {
        Reply(
            Data(
                "SIP/2.0 \(start)\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK7;rport=5070\r\n\(headers)\r\n\r\n"
                    .utf8))
    }

    func testTheGrantIsThatOfOurOwnContact() {
        let contacts = "Contact: <sip:a-1@127.0.0.1:1;x=1>;expires=7, <sip:a-2@127.0.0.1:2>;expires=55\r\nExpires: 99"
        let reply = reply("200 OK", contacts)
        XCTAssertEqual(reply?.branch, "z9hG4bK7")
        XCTAssertEqual(reply?.outcome(contactUser: "a-2"), .accepted(expires: 55))
        XCTAssertEqual(reply?.outcome(contactUser: "a-3"), .accepted(expires: 99))
        XCTAssertNil(Reply(Data("OPTIONS sip:a SIP/2.0\r\n\r\n".utf8)))
    }

    func testNumbersMayBeFollowedByWords() {
        let reply = reply("503 Busy", "Retry-After: 120 (maintenance);duration=9\r\nMin-Expires: 99999999999")
        let expected = Outcome.status(code: 503, retryAfter: 120, minExpires: 4_294_967_295)
        XCTAssertEqual(reply?.outcome(contactUser: "a"), expected)
    }

    func testMessagesArriveInPiecesAndInHeaps() {
        let first = Data("SIP/2.0 100 Trying\r\nl: 2\r\n\r\nab".utf8)
        let second = Data("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
        var framing = Framing()
        framing.append(first.prefix(20))
        XCTAssertEqual(framing.next(), .more)
        framing.append(first.dropFirst(20) + Data("\r\n".utf8) + second)
        XCTAssertEqual(framing.next(), .message(first))
        XCTAssertEqual(framing.next(), .pong)
        XCTAssertEqual(framing.next(), .message(second))
        XCTAssertEqual(framing.next(), .more)
        framing.append(Data("SIP/2.0 200 OK\r\nContent-Length: x\r\n\r\n".utf8))
        XCTAssertEqual(framing.next(), .broken)
    }
}
