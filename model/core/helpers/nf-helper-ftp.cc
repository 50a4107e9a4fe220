/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-list.h"
#include "nf-helper-text.h"
#include "nf-helper.h"

#include <algorithm>
#include <array>
#include <optional>

namespace ns3
{

namespace
{

constexpr uint16_t FTP_PORT = 21;
constexpr int64_t MAX_EXPECTED = 255;  //!< Linux: NF_CT_EXPECT_MAX_CNT
constexpr size_t REMEMBERED_LINES = 2; //!< Linux: NUM_SEQ_TO_REMEMBER

/// How a command writes address and port (RFC 959, RFC 1123 4.1.2.6, RFC 2428).
enum class Form : uint8_t
{
    PORT, //!< 10,0,0,2,4,1
    PASV, //!< as PORT, behind any text
    EPRT, //!< |1|10.0.0.2|1025|
    EPSV, //!< |||1025|
};

/// An address and a port, and where they stand in the payload.
struct Match
{
    NfAddr addr;
    uint16_t port{0};
    size_t offset{0};
    size_t length{0};
};

/// Reads address and port. @param text from the skip character on; @return characters read, 0: not
/// complete or not valid
using Reader = size_t (*)(std::string_view text, NfFamily family, char term, Match& match);

/// Linux: struct ftp_search.
struct Search
{
    std::string_view pattern;
    char skip; //!< numbers begin behind the first of these, 0: at once
    char term; //!< what must follow the numbers, 0: anything
    Form form;
    Reader read;
};

/// What a connection remembers: sequence numbers where a line can begin (Linux: nf_ct_ftp_master).
struct State
{
    struct Lines
    {
        std::array<uint32_t, REMEMBERED_LINES> seq;
        uint32_t count;
    };

    std::array<Lines, 2> lines; //!< by direction
};

/// Numbers with separators, then @p term. @return characters before it, 0: something else is there
template <size_t N>
size_t
ReadNumbers(std::string_view text, std::array<uint32_t, N>& numbers, char separator, char term)
{
    numbers.fill(0);
    size_t i = 0;
    for (size_t at = 0; at < text.size() && i < N; at++)
    {
        const char c = text[at];
        if (NfIsDigit(c))
        {
            numbers[i] = numbers[i] * 10 + static_cast<uint32_t>(c - '0');
        }
        else if (c == separator)
        {
            i++;
        }
        else
        {
            return (c == term || !term) && i == N - 1 ? at : 0;
        }
    }
    return 0;
}

template <size_t N>
void
SetIpv4(NfAddr& addr, const std::array<uint32_t, N>& numbers)
{
    addr.SetWord(0, numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | numbers[3]);
}

size_t
ReadPort(std::string_view text, NfFamily, char term, Match& match)
{
    std::array<uint32_t, 6> numbers{};
    const size_t length = ReadNumbers(text, numbers, ',', term);
    if (length > 0)
    {
        SetIpv4(match.addr, numbers);
        match.port = static_cast<uint16_t>(numbers[4] << 8 | numbers[5]);
    }
    return length;
}

/// Servers word their 227 reply as they like (RFC 1123 4.1.2.6): the first digit begins it.
size_t
ReadPasv(std::string_view text, NfFamily family, char, Match& match)
{
    const auto digit = std::find_if(text.begin(), text.end(), NfIsDigit);
    const auto skipped = static_cast<size_t>(digit - text.begin());
    match.offset += skipped;
    return ReadPort(text.substr(skipped), family, 0, match);
}

/// @return position behind the delimiter that ends the port, 0: no port there
size_t
ReadDelimitedPort(std::string_view text, size_t start, char delimiter, uint16_t& port)
{
    uint16_t value = 0;
    for (size_t at = start; at < text.size(); at++)
    {
        if (text[at] == delimiter)
        {
            port = value ? value : port;
            return value ? at + 1 : 0;
        }
        if (!NfIsDigit(text[at]))
        {
            return 0;
        }
        value = static_cast<uint16_t>(value * 10 + (text[at] - '0'));
    }
    return 0;
}

bool
IsDelimiter(char c)
{
    return c >= 33 && c <= 126 && !NfIsDigit(c);
}

size_t
ReadEprtAddr(std::string_view text, NfFamily family, char delimiter, NfAddr& addr)
{
    if (family == NfFamily::IPV4)
    {
        std::array<uint32_t, 4> numbers{};
        const size_t length = ReadNumbers(text, numbers, '.', delimiter);
        if (length > 0)
        {
            SetIpv4(addr, numbers);
        }
        return length;
    }
    const size_t length = std::min(text.find(delimiter), text.find('\0'));
    const std::optional<NfAddr> parsed = NfAddr::Parse(text.substr(0, length), family);
    if (!parsed)
    {
        return 0;
    }
    addr = *parsed;
    return std::min(length, text.size());
}

size_t
ReadEprt(std::string_view text, NfFamily family, char, Match& match)
{
    const char number = family == NfFamily::IPV4 ? '1' : '2'; // RFC 2428: address family numbers
    if (text.size() <= 3 || !IsDelimiter(text[0]) || text[2] != text[0] || text[1] != number)
    {
        return 0;
    }
    const size_t length = ReadEprtAddr(text.substr(3), family, text[0], match.addr);
    return length ? ReadDelimitedPort(text, 3 + length + 1, text[0], match.port) : 0;
}

size_t
ReadEpsv(std::string_view text, NfFamily, char, Match& match)
{
    if (text.size() <= 3 || !IsDelimiter(text[0]) || text[1] != text[0] || text[2] != text[0])
    {
        return 0;
    }
    return ReadDelimitedPort(text, 3, text[0], match.port);
}

/// By direction: commands of the client, replies of the server.
constexpr std::array<std::array<Search, 2>, 2> SEARCHES = {
    {{{{"PORT", ' ', '\r', Form::PORT, ReadPort}, {"EPRT", ' ', '\r', Form::EPRT, ReadEprt}}},
     {{{"227 ", 0, 0, Form::PASV, ReadPasv}, {"229 ", '(', ')', Form::EPSV, ReadEpsv}}}}};

enum class Found : uint8_t
{
    NO,
    YES,
    PARTIAL, //!< begins like one, but is not complete
};

/// Linux: find_pattern().
Found
Find(std::string_view text, const Search& search, NfFamily family, Match& match)
{
    const std::string_view pattern = search.pattern;
    if (text.size() <= pattern.size())
    {
        return NfStartsWithNoCase(pattern, text) ? Found::PARTIAL : Found::NO;
    }
    if (!NfStartsWithNoCase(text, pattern))
    {
        return Found::NO;
    }
    match.offset = pattern.size();
    if (search.skip)
    {
        const size_t at = text.find(search.skip, pattern.size());
        if (at == std::string_view::npos)
        {
            return Found::PARTIAL;
        }
        match.offset = at + 1;
    }
    const size_t length = search.read(text.substr(match.offset), family, search.term, match);
    match.length = length;
    return length ? Found::YES : Found::PARTIAL;
}

std::string
FormatNumbers(const NfAddr& addr, uint16_t port)
{
    std::string text;
    for (size_t i = 0; i < 4; i++)
    {
        text += std::to_string(addr.bytes[i]) + ",";
    }
    return text + std::to_string(port >> 8) + "," + std::to_string(port & 0xff);
}

/// Linux: nf_nat_ftp_fmt_cmd().
std::string
Format(Form form, NfFamily family, const NfAddr& addr, uint16_t port)
{
    const std::string end = "|" + std::to_string(port) + "|";
    switch (form)
    {
    case Form::EPRT:
        return family == NfFamily::IPV4 ? "|1|" + addr.ToString(family) + end
                                        : "|2|" + addr.ToFullString() + end;
    case Form::EPSV:
        return "||" + end;
    default:
        return FormatNumbers(addr, port);
    }
}

/// What a namespace sets for all its FTP helpers.
struct Parameters
{
    uint8_t loose{0}; //!< allow addresses of other hosts
};

/**
 * FTP (Linux: nf_conntrack_ftp.c, nf_nat_ftp.c). Reads PORT, EPRT and the replies to PASV and EPSV
 * where a line begins in the sequence space.
 */
class FtpHelper final : public NfHelper
{
  public:
    FtpHelper(NfNat& nat, std::string name, std::shared_ptr<const Parameters> parameters)
        : NfHelper(nat,
                   std::move(name),
                   NfFamily::UNSPEC,
                   NF_IPPROTO_TCP,
                   {NfExpectPolicy{1, 300, "ftp"}}),
          m_parameters(std::move(parameters))
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override;

  private:
    NfVerdict OnLine(NfPacket& packet,
                     NfConn& conn,
                     NfCtInfo info,
                     std::string_view text,
                     bool& remember);
    NfVerdict OnMatch(NfPacket& packet,
                      NfConn& conn,
                      NfCtInfo info,
                      const Search& search,
                      const Match& match);
    NfVerdict Translate(NfPacket& packet,
                        NfConn& conn,
                        NfCtInfo info,
                        Form form,
                        const Match& match,
                        const NfExpectationPtr& expectation);

    std::shared_ptr<const Parameters> m_parameters; //!< shared by the names of one namespace
};

bool
IsLineStart(const State::Lines& lines, uint32_t seq)
{
    return std::find(lines.seq.begin(), lines.seq.begin() + lines.count, seq) !=
           lines.seq.begin() + lines.count;
}

bool
IsAfter(uint32_t a, uint32_t b)
{
    return static_cast<int32_t>(a - b) > 0;
}

/// Linux: update_nl_seq(). The older of two places makes room, never for an even older one.
void
RememberLineStart(State::Lines& lines, uint32_t seq)
{
    if (IsLineStart(lines, seq))
    {
        return;
    }
    if (lines.count < REMEMBERED_LINES)
    {
        lines.seq[lines.count++] = seq;
        return;
    }
    uint32_t& oldest = IsAfter(lines.seq[1], lines.seq[0]) ? lines.seq[0] : lines.seq[1];
    oldest = IsAfter(seq, oldest) ? seq : oldest;
}

NfVerdict
FtpHelper::Help(NfPacket& packet, NfConn& conn, NfCtInfo info)
{
    const NfBytes payload = GetTcpPayload(packet);
    if (!IsEstablished(info) || payload.empty())
    {
        return NfVerdict::ACCEPT;
    }
    const std::string_view text = NfText(payload);
    const bool endsLine = text.back() == '\n';
    const uint32_t seq = NfReadU32(packet.PullTransport(NF_TCP_HEADER_SIZE) + NF_TCP_SEQ);
    const auto next = static_cast<uint32_t>(seq + text.size());
    const auto dir = static_cast<size_t>(NfInfoDir(info));
    State state = NfLoadHelperData<State>(conn);
    bool remember = endsLine;
    NfVerdict verdict = NfVerdict::ACCEPT;
    if (IsLineStart(state.lines[dir], seq))
    {
        verdict = OnLine(packet, conn, info, text, remember);
    }
    if (remember)
    {
        RememberLineStart(state.lines[dir], next);
        NfStoreHelperData(conn, state);
    }
    return verdict;
}

/// @param remember set to false when the packet must not count as a line
NfVerdict
FtpHelper::OnLine(NfPacket& packet,
                  NfConn& conn,
                  NfCtInfo info,
                  std::string_view text,
                  bool& remember)
{
    Match match;
    match.addr = conn.GetTuple(NfInfoDir(info)).src; // EPSV does not say
    for (const Search& search : SEARCHES[static_cast<size_t>(NfInfoDir(info))])
    {
        switch (Find(text, search, conn.GetFamily(), match))
        {
        case Found::NO:
            break;
        case Found::YES:
            return OnMatch(packet, conn, info, search, match);
        case Found::PARTIAL:
            remember = false;
            // The rest of the command in the next segment would be missed: let it be sent again.
            return Drop(packet, "partial matching of `" + std::string(search.pattern) + "'");
        }
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
FtpHelper::OnMatch(NfPacket& packet,
                   NfConn& conn,
                   NfCtInfo info,
                   const Search& search,
                   const Match& match)
{
    const NfDir dir = NfInfoDir(info);
    const NfTuple& back = conn.GetTuple(!dir);
    NfAddr addr = back.dst;
    if (match.addr != conn.GetTuple(dir).src)
    {
        // A port on another host: opening it would let a client reach inside (FTP bounce).
        if (!m_parameters->loose)
        {
            return NfVerdict::ACCEPT;
        }
        addr = match.addr;
    }
    const NfExpectationPtr expectation =
        NfExpectInit(conn, 0, conn.GetFamily(), &back.src, addr, NF_IPPROTO_TCP, 0, match.port);
    return IsTranslated(conn) ? Translate(packet, conn, info, search.form, match, expectation)
                              : Expect(packet, expectation);
}

/// Linux: nf_nat_ftp().
NfVerdict
FtpHelper::Translate(NfPacket& packet,
                     NfConn& conn,
                     NfCtInfo info,
                     Form form,
                     const Match& match,
                     const NfExpectationPtr& expectation)
{
    const NfDir dir = NfInfoDir(info);
    FollowMaster(*expectation, !dir);
    const uint16_t port = NfNatExpectPort(m_nat, expectation, expectation->savedPort);
    if (port == 0)
    {
        return Drop(packet, "all ports in use");
    }
    const std::string text = Format(form, conn.GetFamily(), conn.GetTuple(!dir).dst, port);
    if (!NfNatMangleTcp(m_nat, packet, conn, info, match.offset, match.length, NfTextBytes(text)))
    {
        m_nat.GetConntrack().Unexpect(expectation);
        return Drop(packet, "cannot mangle packet");
    }
    return NfVerdict::ACCEPT;
}

} // namespace

void
NfAddFtpHelper(NfNat& nat)
{
    auto parameters = std::make_shared<Parameters>();
    auto made = std::make_shared<std::vector<NfHelper*>>();
    NfAddHelperByPorts(nat, "nf_conntrack_ftp", "ftp", FTP_PORT, [=, &nat](std::string name) {
        auto helper = std::make_unique<FtpHelper>(nat, std::move(name), parameters);
        made->push_back(helper.get());
        return helper;
    });
    NfSysctls& sysctls = nat.GetConntrack().GetContext().sysctls;
    NfAddParameter(sysctls, "module.nf_conntrack_ftp.loose", parameters, &Parameters::loose, 1);
    NfAddPolicyParameter(sysctls,
                         "module.nf_conntrack_ftp.max_outstanding",
                         made,
                         &NfExpectPolicy::maxExpected,
                         MAX_EXPECTED);
}

} // namespace ns3
