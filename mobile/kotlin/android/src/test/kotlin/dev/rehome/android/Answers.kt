package dev.rehome.android

import android.net.Network
import android.os.CancellationSignal
import dev.rehome.ffi.LookupFailure
import org.xbill.DNS.DClass
import org.xbill.DNS.Flags
import org.xbill.DNS.Message
import org.xbill.DNS.Name
import org.xbill.DNS.Rcode
import org.xbill.DNS.Record
import org.xbill.DNS.SOARecord
import org.xbill.DNS.SRVRecord
import org.xbill.DNS.Section

/** The platform's resolver as a table: what a question comes to. */
internal class FakeDns(private val reply: (Message) -> RawDns.Reply?) : RawDns {
    val questions = ArrayList<Message>()
    val signals = ArrayList<CancellationSignal>()
    val networks = ArrayList<Network?>()
    var back: ((RawDns.Reply) -> Unit)? = null

    override fun ask(question: ByteArray, network: Network?, signal: CancellationSignal, back: (RawDns.Reply) -> Unit) {
        val message = Message(question)
        questions += message
        networks += network
        signals += signal
        this.back = back
        reply(message)?.let(back)
    }
}

internal fun failed(cause: LookupFailure) = RawDns.Reply.Failed(cause)

/** An answer to [question], with a number of its own, as a platform that asked under another one gives. */
internal fun answer(question: Message, rcode: Int = Rcode.NOERROR, cut: Boolean = false, vararg records: Record): RawDns.Reply {
    val answer = Message(question.header.id xor 1)
    answer.header.setFlag(Flags.QR.toInt())
    answer.header.rcode = rcode
    if (cut) answer.header.setFlag(Flags.TC.toInt())
    answer.addRecord(question.question, Section.QUESTION)
    records.forEach { answer.addRecord(it, if (it is SOARecord) Section.AUTHORITY else Section.ANSWER) }
    return RawDns.Reply.Message(answer.toWire())
}

internal fun srv(name: String, priority: Int, port: Int, host: String, ttl: Long = 60): Record =
    SRVRecord(Name.fromString("$name."), DClass.IN, ttl, priority, 1, port, Name.fromString("$host."))

internal fun soa(zone: String, ttl: Long): Record =
    Name.fromString("$zone.").let { SOARecord(it, DClass.IN, ttl, it, it, 1, 1, 1, 1, ttl) }
