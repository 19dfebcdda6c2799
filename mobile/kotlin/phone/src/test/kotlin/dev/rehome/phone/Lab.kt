package dev.rehome.phone

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.io.File
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers

/** The project's lab: one process on free ports for all tests; each test takes a user of its own. */
object Lab {
    private val http = HttpClient.newHttpClient()
    private val process: Process
    private val control: String

    init {
        val program = File(checkNotNull(System.getProperty("rehome.lab")) { "rehome.lab is not set: run by Maven" })
        check(program.canExecute()) { "$program is missing: run these tests by `cargo xtask test kotlin`, which builds it" }
        process = ProcessBuilder(program.path, "--ephemeral").redirectError(ProcessBuilder.Redirect.DISCARD).start()
        Runtime.getRuntime().addShutdownHook(Thread { process.destroyForcibly() })
        val lines = process.inputStream.bufferedReader()
        val said = generateSequence(lines::readLine).first { it.contains("control: http") }
        control = said.substringAfter("control: ").trim().trimEnd('/')
        // Nobody reads on; what it says later must not fill the pipe.
        Thread { lines.forEachLine { } }.apply { isDaemon = true }.start()
    }

    private val world = read("GET", "/") as JsonObject

    /** The DNS view of data centre 1. */
    val dns: InetSocketAddress = text(world, "dns").let {
        InetSocketAddress(it.substringBeforeLast(':'), it.substringAfterLast(':').toInt())
    }

    /** The CA's certificate, in a file. */
    val ca: File by lazy {
        File.createTempFile("rehome-ca", ".pem").apply {
            deleteOnExit()
            writeText(send("GET", "/ca.pem", null))
        }
    }

    private fun text(element: JsonElement, key: String): String {
        val found = (element as JsonObject)[key]
        val first = if (found is JsonArray) found.first() else found
        return if (first is JsonObject) (first["address"] as JsonPrimitive).content else (first as JsonPrimitive).content
    }

    /** Breaks a data centre for one user; null mends it. */
    fun datacentre(number: Int, user: String, fault: String?) = fault("/datacentres/$number/fault/$user", fault)

    fun certificates(kind: String?) {
        if (kind == null) send("DELETE", "/certificate", null) else send("PUT", "/certificate", """{"kind":"$kind"}""")
    }

    private fun fault(path: String, fault: String?) {
        if (fault == null) send("DELETE", path, null) else send("PUT", path, fault)
    }

    /** Where a user is registered: registrar and transport. */
    fun bindings(user: String): List<Pair<String, String>> {
        val read = read("GET", "/bindings/$user")
        val list = read as? JsonArray ?: (read as JsonObject)["bindings"] as JsonArray
        return list.map { text(it, "registrar") to text(it, "transport") }
    }

    private fun read(method: String, path: String): JsonElement = Json.parseToJsonElement(send(method, path, null))

    private fun send(method: String, path: String, body: String?): String {
        val publisher = body?.let(HttpRequest.BodyPublishers::ofString) ?: HttpRequest.BodyPublishers.noBody()
        val request = HttpRequest.newBuilder(URI(control + path)).method(method, publisher)
        if (body != null) request.header("content-type", "application/json")
        val response = http.send(request.build(), BodyHandlers.ofString())
        check(response.statusCode() == 200) { "$method $path: ${response.statusCode()} ${response.body()}" }
        return response.body()
    }
}
